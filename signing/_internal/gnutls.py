"""ГОСТ through GnuTLS (cffi, ABI mode): a second opinion on signatures and hashes, and what is left without the engine.

It checks signatures and hashes; it does not sign. GnuTLS lacks some parameter sets (TC26 256-A, 512-B, 512-C): for
those `PublicKey` raises Unsupported. Signatures are s‖r as everywhere here. The library is loaded on first use, once;
it is found by its name, its absence is BackendMissing.
"""

from __future__ import annotations

import threading
from typing import Any

from signing._internal.errors import BackendMissing, BadKey, SigningError, Unsupported

_CDEF = """
typedef struct { unsigned char *data; unsigned int size; } gnutls_datum_t;
typedef struct gnutls_pubkey_st *gnutls_pubkey_t;
typedef struct hash_hd_st *gnutls_hash_hd_t;
const char *gnutls_check_version(const char *req_version);
const char *gnutls_strerror(int error);
int gnutls_pubkey_init(gnutls_pubkey_t *key);
void gnutls_pubkey_deinit(gnutls_pubkey_t key);
int gnutls_pubkey_import(gnutls_pubkey_t key, const gnutls_datum_t *data, int format);
int gnutls_pubkey_verify_data2(gnutls_pubkey_t pubkey, int algo, unsigned int flags, const gnutls_datum_t *data,
                               const gnutls_datum_t *signature);
int gnutls_hash_fast(int algorithm, const void *text, size_t textlen, void *digest);
int gnutls_hash_init(gnutls_hash_hd_t *dig, int algorithm);
int gnutls_hash(gnutls_hash_hd_t handle, const void *text, size_t textlen);
void gnutls_hash_deinit(gnutls_hash_hd_t handle, void *digest);
gnutls_hash_hd_t gnutls_hash_copy(gnutls_hash_hd_t handle);
"""
_NAME, _PACKAGE = "libgnutls.so.30", "libgnutls30"
_DER = 0
_VERIFY_FAILED = -89  # GNUTLS_E_PK_SIG_VERIFY_FAILED
_UNSUPPORTED = {-322, -80, -1250}  # GNUTLS_E_ECC_UNSUPPORTED_CURVE, _UNKNOWN_PK_ALGORITHM, _UNIMPLEMENTED_FEATURE
_DIGESTS = {"gost94": 15, "streebog256": 16, "streebog512": 17}
_SIGNATURES = {"gost94": 43, "streebog256": 44, "streebog512": 45}

DIGEST_SIZES = {"streebog256": 32, "streebog512": 64, "gost94": 32}


class _Library:
    """The loaded library: `ffi` and `lib`."""

    def __init__(self) -> None:
        try:
            import cffi
        except ImportError as error:
            raise BackendMissing("the Python package cffi is absent", "python3-cffi") from error
        self.ffi: Any = cffi.FFI()
        self.ffi.cdef(_CDEF)
        try:
            self.lib: Any = self.ffi.dlopen(_NAME)
        except OSError as error:
            raise BackendMissing(f"{_NAME} is absent", _PACKAGE) from error
        if self.lib.gnutls_check_version(b"3.6.3") == self.ffi.NULL:
            raise BackendMissing("GnuTLS is older than 3.6.3 and knows no ГОСТ", _PACKAGE)

    def datum(self, data: bytes) -> tuple[Any, Any]:
        """A gnutls_datum_t and the buffer that must live as long."""
        buffer = self.ffi.from_buffer("unsigned char[]", data)
        return self.ffi.new("gnutls_datum_t *", {"data": buffer, "size": len(data)}), buffer

    def text(self, code: int) -> str:
        """The words of an error code."""
        return str(self.ffi.string(self.lib.gnutls_strerror(code)).decode())


_lock = threading.Lock()
_library: _Library | None = None


def library() -> _Library:
    """Load GnuTLS once; BackendMissing when the system lacks it."""
    global _library  # noqa: PLW0603 a native library is loaded once for the process, by its nature
    with _lock:
        if _library is None:
            _library = _Library()
    return _library


def digest(name: str, data: bytes) -> bytes:
    """Hash `data` at once (ГОСТ Р 34.11-2012, or 34.11-94)."""
    loaded = library()
    out = loaded.ffi.new("unsigned char[64]")
    code = loaded.lib.gnutls_hash_fast(_DIGESTS[name], loaded.ffi.from_buffer(data), len(data), out)
    if code < 0:
        raise SigningError(loaded.text(code))
    return bytes(loaded.ffi.buffer(out, DIGEST_SIZES[name]))


class Hash:
    """A running hash with `update` and `digest`, like those of hashlib."""

    def __init__(self, name: str) -> None:
        self._loaded = loaded = library()
        self.name = name
        self.digest_size = DIGEST_SIZES[name]
        handle = loaded.ffi.new("gnutls_hash_hd_t *")
        code = loaded.lib.gnutls_hash_init(handle, _DIGESTS[name])
        if code < 0:
            raise SigningError(loaded.text(code))
        null, deinit = loaded.ffi.NULL, loaded.lib.gnutls_hash_deinit
        self._handle = loaded.ffi.gc(handle[0], lambda one: deinit(one, null))

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""
        code = self._loaded.lib.gnutls_hash(self._handle, self._loaded.ffi.from_buffer(data), len(data))
        if code < 0:
            raise SigningError(self._loaded.text(code))

    def digest(self) -> bytes:
        """The hash of what was taken in so far; more may follow."""
        copy = self._loaded.lib.gnutls_hash_copy(self._handle)
        if copy == self._loaded.ffi.NULL:
            raise SigningError("GnuTLS cannot copy the state of a hash")
        out = self._loaded.ffi.new("unsigned char[64]")
        self._loaded.lib.gnutls_hash_deinit(copy, out)
        return bytes(self._loaded.ffi.buffer(out, self.digest_size))

    def hexdigest(self) -> str:
        """The same in hexadecimal."""
        return self.digest().hex()


class NativeKey:
    """A public key in GnuTLS."""

    def __init__(self, pointer: Any) -> None:
        self._loaded = library()
        self._pointer = pointer

    @classmethod
    def public(cls, info: bytes) -> NativeKey:
        """Read SubjectPublicKeyInfo; Unsupported for parameter sets that GnuTLS lacks, BadKey."""
        loaded = library()
        handle = loaded.ffi.new("gnutls_pubkey_t *")
        if loaded.lib.gnutls_pubkey_init(handle) < 0:
            raise SigningError("GnuTLS cannot make a key")
        pointer = loaded.ffi.gc(handle[0], loaded.lib.gnutls_pubkey_deinit)
        datum, _buffer = loaded.datum(info)
        code = loaded.lib.gnutls_pubkey_import(pointer, datum, _DER)
        if code in _UNSUPPORTED:
            raise Unsupported(f"GnuTLS: {loaded.text(code)}")
        if code < 0:
            raise BadKey(f"the ГОСТ key cannot be read: {loaded.text(code)}")
        return cls(pointer)

    def verify(self, digest_name: str, data: bytes, signature: bytes) -> bool:
        """Hash and check; the caller has checked the length of the signature."""
        loaded = self._loaded
        over, _over = loaded.datum(data)
        value, _value = loaded.datum(signature)
        code = loaded.lib.gnutls_pubkey_verify_data2(self._pointer, _SIGNATURES[digest_name], 0, over, value)
        if code in _UNSUPPORTED:
            raise Unsupported(f"GnuTLS: {loaded.text(code)}")
        if code < 0 and code != _VERIFY_FAILED:
            raise BadKey(f"GnuTLS: {loaded.text(code)} ({code})")
        return bool(code >= 0)
