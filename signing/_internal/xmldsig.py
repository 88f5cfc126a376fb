"""Enveloped XML signatures over a whole document (XMLDSig, RFC 3275), ГОСТ and others, with our own cryptography.

Only the one shape that lists of authorities have is read: a single Signature inside the root, one Reference to the
whole document, no transforms but enveloped-signature and canonicalization. Everything else is refused: other shapes
are where wrapping attacks live. The reader takes the data from the very tree that was hashed.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from signing._internal import digests, keys, pem
from signing._internal.algorithms import SignatureScheme
from signing._internal.certificates import Certificate
from signing._internal.errors import BadCertificate, BadInput, BadKey, Unsupported

MAX_BYTES = 64 * 1024 * 1024
DS = "http://www.w3.org/2000/09/xmldsig#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_CRYPTOPRO = "urn:ietf:params:xml:ns:cpxmlsec:algorithms:"
_ENVELOPED = DS + "enveloped-signature"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
# canonicalization -> whether it is exclusive; 1.1 differs from 1.0 in xml: attributes only, which are refused
_CANONICAL = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": False,
    "http://www.w3.org/2006/12/xml-c14n11": False,
    _EXCLUSIVE: True,
}
_DIGESTS = {
    _CRYPTOPRO + "gostr34112012-256": "streebog256",
    _CRYPTOPRO + "gostr34112012-512": "streebog512",
    _CRYPTOPRO + "gostr3411": "gost94",
    _MORE + "gostr3411": "gost94",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
_SIGNATURES = {
    _CRYPTOPRO + "gostr34102012-gostr34112012-256": ("gost2012_256", "streebog256"),
    _CRYPTOPRO + "gostr34102012-gostr34112012-512": ("gost2012_512", "streebog512"),
    _CRYPTOPRO + "gostr34102001-gostr3411": ("gost2001", "gost94"),
    _MORE + "gostr34102001-gostr3411": ("gost2001", "gost94"),
    _MORE + "rsa-sha256": ("rsa", "sha256"),
    _MORE + "rsa-sha512": ("rsa", "sha512"),
}


@dataclass(frozen=True, kw_only=True)
class SignedXml:
    """A document whose signature was read: the root without the signature, and what the signature says of itself."""

    root: etree._Element
    scheme: SignatureScheme
    digest: str
    intact: bool
    signed_info: bytes
    value: bytes
    certificates: tuple[Certificate, ...]

    def holds(self, certificate: Certificate) -> bool:
        """Whether the document is intact and this certificate's key made the signature; Unsupported, BadKey."""
        return self.intact and keys.public_key(certificate.public_key_info).verify(
            self.scheme, self.signed_info, self.value
        )


def parse_xml(data: bytes) -> etree._Element:
    """Parse XML from strangers: bounded, without DTD, entities, comments or the network; BadInput."""
    if len(data) > MAX_BYTES:
        raise BadInput(f"the XML is longer than {MAX_BYTES} bytes")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadInput("not well-formed XML", str(error)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadInput("XML with a document type declaration is not read")
    return root


def read_signed(root: etree._Element) -> SignedXml:
    """Take the signature out of the root and check the digest of what is left; BadInput, Unsupported."""
    signatures = root.findall(f".//{{{DS}}}Signature")
    if len(signatures) != 1 or signatures[0].getparent() is not root:
        raise BadInput(f"the document has {len(signatures)} signatures in all; one inside the root is expected")
    (signature,) = signatures
    if any(
        str(name).startswith("{http://www.w3.org/XML/1998/namespace}") for one in root.iter() for name in one.attrib
    ):
        raise Unsupported("xml: attributes in a signed document")
    info = _only(signature, "SignedInfo")
    method = _algorithm(info, "SignatureMethod")
    if method not in _SIGNATURES:
        raise Unsupported(f"XML signature algorithm {method}")
    reference = _only(info, "Reference")
    if reference.get("URI") != "":
        raise BadInput("the signature is not over the whole document", str(reference.get("URI")))
    name = _algorithm(reference, "DigestMethod")
    if name not in _DIGESTS:
        raise Unsupported(f"XML digest algorithm {name}")
    signed_info = _canonical(info, _only(info, "CanonicalizationMethod"))
    wanted, transform = _base64(_only(reference, "DigestValue")), _transform(reference)
    kind, digest = _SIGNATURES[method]
    found = {
        "scheme": SignatureScheme(kind=kind, digest=digest),
        "value": _base64(_only(signature, "SignatureValue")),
        "certificates": _certificates(signature),
    }
    _take_out(root, signature)
    intact = digests.digest(_DIGESTS[name], _canonical(root, transform)) == wanted
    return SignedXml(
        root=root,
        digest=_DIGESTS[name],
        intact=intact,
        signed_info=signed_info,
        **found,  # type: ignore[arg-type]  # three fields by name
    )


def _only(parent: etree._Element, name: str) -> etree._Element:
    found = parent.findall(f"{{{DS}}}{name}")
    if len(found) != 1:
        raise BadInput(f"XML signature: {len(found)} {name}, not one")
    return found[0]


def _algorithm(parent: etree._Element, name: str) -> str:
    return _only(parent, name).get("Algorithm", "")


def _transform(reference: etree._Element) -> etree._Element | None:
    """The canonicalization of the document; None means the default one (XMLDSig, 4.4.3.2)."""
    chosen: etree._Element | None = None
    enveloped = 0
    for one in _only(reference, "Transforms"):
        if one.get("Algorithm") == _ENVELOPED:
            enveloped += 1
        elif chosen is None and one.get("Algorithm") in _CANONICAL:
            chosen = one
        else:
            raise Unsupported(f"XML transform {one.get('Algorithm')}")
    if enveloped != 1:
        raise BadInput("XML signature: the transform enveloped-signature must stand once")
    return chosen


def _canonical(element: etree._Element, method: etree._Element | None) -> bytes:
    name = method.get("Algorithm", "") if method is not None else next(iter(_CANONICAL))
    if name not in _CANONICAL:
        raise Unsupported(f"XML canonicalization {name}")
    inclusive = method.find(f"{{{_EXCLUSIVE}}}InclusiveNamespaces") if method is not None else None
    prefixes = inclusive.get("PrefixList", "").split() if inclusive is not None else None
    written: bytes = etree.tostring(
        element if element.getparent() is None else _standalone(element),
        method="c14n",
        exclusive=_CANONICAL[name],
        with_comments=False,
        with_tail=False,
        inclusive_ns_prefixes=prefixes,
    )
    return written


def _standalone(element: etree._Element) -> etree._Element:
    """The element as a root of its own, with the namespaces in scope; lxml canonicalizes parts of a tree wrongly."""
    root = etree.Element(element.tag, nsmap=element.nsmap)  # type: ignore[arg-type]  # the stubs know no default namespace
    for name, value in element.items():
        root.set(name, value)
    root.text = element.text
    root.extend(deepcopy(child) for child in element)
    return root


def _take_out(root: etree._Element, signature: etree._Element) -> None:
    """Remove the signature and leave the text that follows it."""
    tail, before = signature.tail or "", signature.getprevious()
    if before is None:
        root.text = (root.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail
    root.remove(signature)


def text_of(element: etree._Element) -> str:
    """All text inside an element."""
    return "".join(str(part) for part in element.itertext())


def _base64(element: etree._Element) -> bytes:
    decoded = pem.decode_base64(text_of(element).encode())
    if not decoded:
        raise BadInput("XML signature: a value is not base64")
    return decoded


def _certificates(signature: etree._Element) -> tuple[Certificate, ...]:
    found = []
    for one in signature.iterfind(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate"):
        try:
            found.append(Certificate.load(_base64(one)))
        except (BadCertificate, BadInput, BadKey):
            continue
    return tuple(found)
