"""ГОСТ Р 34.10 and 34.11 through the system's libcrypto and its `gost` engine (cffi, ABI mode: no compiler).

The library is loaded on first use, once for the process. Calls that take long release the interpreter lock; the short
ones around them go through `_Held`, which keeps it: giving the lock away for a microsecond costs a thread its turn, and
two threads would verify hardly faster than one.
Signatures are s‖r, big-endian, 64 or 128 octets, as CMS and X.509 carry them (RFC 4491, RFC 9215). The engine
accepts a signature with one extra octet, so callers must check lengths before they ask (`keys.PublicKey` does).
"""

from __future__ import annotations

import ctypes
import threading
from typing import Any

from signing._internal.errors import BackendMissing, BadKey, SigningError

_CDEF = """
typedef ... ENGINE; typedef ... EVP_PKEY; typedef ... EVP_MD; typedef ... EVP_MD_CTX; typedef ... EVP_PKEY_CTX;
typedef ... PKCS12; typedef ... X509; typedef ... OPENSSL_STACK;
typedef ... BIO; typedef ... EVP_CIPHER; typedef ... PKCS8_PRIV_KEY_INFO; typedef ... X509_SIG;
int OPENSSL_init_crypto(uint64_t opts, void *settings);
ENGINE *ENGINE_by_id(const char *id);
int ENGINE_init(ENGINE *e);
int ENGINE_set_default(ENGINE *e, unsigned int flags);
const EVP_MD *EVP_get_digestbyname(const char *name);
const EVP_CIPHER *EVP_get_cipherbyname(const char *name);
EVP_PKEY *d2i_PUBKEY(EVP_PKEY **a, const unsigned char **pp, long length);
int i2d_PUBKEY(EVP_PKEY *a, unsigned char **pp);
BIO *BIO_new_mem_buf(const void *buf, int len);
int BIO_free(BIO *a);
PKCS8_PRIV_KEY_INFO *d2i_PKCS8_PRIV_KEY_INFO(PKCS8_PRIV_KEY_INFO **a, const unsigned char **in, long len);
int i2d_PKCS8_PRIV_KEY_INFO(PKCS8_PRIV_KEY_INFO *a, unsigned char **out);
void PKCS8_PRIV_KEY_INFO_free(PKCS8_PRIV_KEY_INFO *a);
X509_SIG *d2i_X509_SIG(X509_SIG **a, const unsigned char **in, long len);
int i2d_X509_SIG(X509_SIG *a, unsigned char **out);
void X509_SIG_free(X509_SIG *a);
PKCS8_PRIV_KEY_INFO *PKCS8_decrypt(const X509_SIG *p8, const char *pass, int passlen);
X509_SIG *PKCS8_encrypt(int pbe_nid, const EVP_CIPHER *cipher, const char *pass, int passlen,
                        unsigned char *salt, int saltlen, int iter, PKCS8_PRIV_KEY_INFO *p8);
EVP_PKEY *EVP_PKCS82PKEY(const PKCS8_PRIV_KEY_INFO *p8);
PKCS8_PRIV_KEY_INFO *EVP_PKEY2PKCS8(const EVP_PKEY *pkey);
PKCS12 *d2i_PKCS12(PKCS12 **a, const unsigned char **in, long len);
int PKCS12_parse(PKCS12 *p12, const char *pass, EVP_PKEY **pkey, X509 **cert, OPENSSL_STACK **ca);
void PKCS12_free(PKCS12 *p12);
int i2d_X509(X509 *a, unsigned char **out);
void X509_free(X509 *a);
int OPENSSL_sk_num(const OPENSSL_STACK *st);
void *OPENSSL_sk_value(const OPENSSL_STACK *st, int i);
void OPENSSL_sk_free(OPENSSL_STACK *st);
void EVP_PKEY_free(EVP_PKEY *pkey);
EVP_MD_CTX *EVP_MD_CTX_new(void);
void EVP_MD_CTX_free(EVP_MD_CTX *ctx);
int EVP_MD_CTX_copy_ex(EVP_MD_CTX *out, const EVP_MD_CTX *in);
int EVP_DigestInit_ex(EVP_MD_CTX *ctx, const EVP_MD *type, ENGINE *impl);
int EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *d, size_t cnt);
int EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *md, unsigned int *s);
int EVP_Digest(const void *data, size_t count, unsigned char *md, unsigned int *size, const EVP_MD *t, ENGINE *e);
int EVP_MD_get_size(const EVP_MD *md);
int EVP_DigestVerifyInit(EVP_MD_CTX *ctx, EVP_PKEY_CTX **pctx, const EVP_MD *type, ENGINE *e, EVP_PKEY *pkey);
int EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *sig, size_t siglen, const unsigned char *tbs, size_t n);
int EVP_DigestSignInit(EVP_MD_CTX *ctx, EVP_PKEY_CTX **pctx, const EVP_MD *type, ENGINE *e, EVP_PKEY *pkey);
int EVP_DigestSign(EVP_MD_CTX *ctx, unsigned char *sig, size_t *siglen, const unsigned char *tbs, size_t n);
EVP_PKEY_CTX *EVP_PKEY_CTX_new_id(int id, ENGINE *e);
void EVP_PKEY_CTX_free(EVP_PKEY_CTX *ctx);
int EVP_PKEY_keygen_init(EVP_PKEY_CTX *ctx);
int EVP_PKEY_keygen(EVP_PKEY_CTX *ctx, EVP_PKEY **pkey);
int EVP_PKEY_CTX_ctrl_str(EVP_PKEY_CTX *ctx, const char *type, const char *value);
int OBJ_sn2nid(const char *s);
unsigned long ERR_get_error(void);
void ERR_clear_error(void);
void ERR_error_string_n(unsigned long e, char *buf, size_t len);
"""
_INIT_ADD_ALGORITHMS = 0x0C  # OPENSSL_INIT_ADD_ALL_CIPHERS | OPENSSL_INIT_ADD_ALL_DIGESTS
_ENGINE_METHODS = 0x40 | 0x80 | 0x200 | 0x400  # ciphers, digests, public key methods and their ASN.1; never RAND
_PBKDF2_ROUNDS = 100_000
_SHORT = 16 * 1024  # octets hashed in less time than it takes to hand the interpreter lock over and get it back
_Short = ctypes.c_char * 64  # kept: ctypes makes the type anew, at the price of a hash, when nobody holds it
_MD_NAMES = {"streebog256": b"md_gost12_256", "streebog512": b"md_gost12_512", "gost94": b"md_gost94"}

DIGEST_SIZES = {"streebog256": 32, "streebog512": 64, "gost94": 32}
# the engine 3.0.1 gives another value for the empty message; this one is the standard's and GnuTLS's
_GOST94_OF_NOTHING = bytes.fromhex("981e5f3ca30c841487830f84fb433e13ac1101569b9c13584ac483234cd656c0")


class _Held:
    """The short calls of libcrypto with the interpreter lock kept (ctypes.PyDLL); pointers are plain addresses."""

    def __init__(self) -> None:
        library, address = ctypes.PyDLL("libcrypto.so.3"), ctypes.c_void_p
        self.new_context = library.EVP_MD_CTX_new
        self.new_context.restype, self.new_context.argtypes = address, []
        self.free_context = library.EVP_MD_CTX_free
        self.free_context.restype, self.free_context.argtypes = None, [address]
        self.verify_init = library.EVP_DigestVerifyInit
        self.verify_init.restype, self.verify_init.argtypes = ctypes.c_int, [address] * 5
        self.digest = library.EVP_Digest
        self.digest.restype = ctypes.c_int
        self.digest.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, address, address, address]


class _Library:
    """libcrypto with the engine in it: `ffi`, `lib` and the digests by our names."""

    def __init__(self) -> None:
        try:
            import cffi
        except ImportError as error:
            raise BackendMissing("the Python package cffi is absent", "python3-cffi") from error
        self.ffi: Any = cffi.FFI()
        self.ffi.cdef(_CDEF)
        try:
            self.lib: Any = self.ffi.dlopen("libcrypto.so.3")
        except OSError as error:
            raise BackendMissing("libcrypto.so.3 is absent", "libssl3") from error
        self.lib.OPENSSL_init_crypto(_INIT_ADD_ALGORITHMS, self.ffi.NULL)
        engine = self.lib.ENGINE_by_id(b"gost")
        if engine == self.ffi.NULL or not self.lib.ENGINE_init(engine):
            self.lib.ERR_clear_error()
            raise BackendMissing("the ГОСТ engine of OpenSSL is absent", "libengine-gost-openssl")
        if not self.lib.ENGINE_set_default(engine, _ENGINE_METHODS):
            raise SigningError(self.errors())
        self.digests = {name: self.lib.EVP_get_digestbyname(md) for name, md in _MD_NAMES.items()}
        self.held = _Held()
        self.addresses = {name: self.address(md) for name, md in self.digests.items()}
        self.context = self.ffi.typeof("EVP_MD_CTX *")

    def address(self, pointer: Any) -> int:
        """Where a pointer points, for `held`."""
        return int(self.ffi.cast("uintptr_t", pointer))

    def errors(self) -> str:
        """The texts of OpenSSL's error queue, which is emptied."""
        texts, buffer = [], self.ffi.new("char[256]")
        while code := self.lib.ERR_get_error():
            self.lib.ERR_error_string_n(code, buffer, 256)
            texts.append(self.ffi.string(buffer).decode())
        return "; ".join(texts) or "OpenSSL gives no reason"

    def encode(self, function: Any, value: Any) -> bytes:
        """What an `i2d_…` function writes."""
        length = function(value, self.ffi.NULL)
        if length <= 0:
            raise BadKey(self.errors())
        buffer = self.ffi.new("unsigned char[]", length)
        function(value, self.ffi.new("unsigned char **", buffer))
        return bytes(self.ffi.buffer(buffer, length))

    def decode(self, function: Any, data: bytes) -> Any:
        """What a `d2i_…` function reads (NULL when it refuses or leaves bytes behind)."""
        buffer = self.ffi.from_buffer("unsigned char[]", data)
        pointer = self.ffi.new("unsigned char **", buffer)
        found = function(self.ffi.NULL, pointer, len(data))
        if found != self.ffi.NULL and pointer[0] - buffer != len(data):
            return self.ffi.NULL
        return found


_lock = threading.Lock()
_library: _Library | None = None


def library() -> _Library:
    """Load libcrypto and the engine once; BackendMissing when the system lacks them."""
    global _library  # noqa: PLW0603 a native library is loaded once for the process, by its nature
    if _library is None:
        with _lock:
            if _library is None:
                _library = _Library()
    return _library


def digest(name: str, data: bytes) -> bytes:
    """Hash `data` at once (ГОСТ Р 34.11-2012, or 34.11-94 for old files)."""
    loaded = library()
    if name == "gost94" and not data:
        return _GOST94_OF_NOTHING
    if len(data) <= _SHORT:
        short = _Short()
        if not loaded.held.digest(data, len(data), short, None, loaded.addresses[name], None):
            raise SigningError(loaded.errors())
        return short.raw[: DIGEST_SIZES[name]]
    out = loaded.ffi.new("unsigned char[64]")
    if not loaded.lib.EVP_Digest(data, len(data), out, loaded.ffi.NULL, loaded.digests[name], loaded.ffi.NULL):
        raise SigningError(loaded.errors())
    return bytes(loaded.ffi.buffer(out, DIGEST_SIZES[name]))


class Hash:
    """A running hash with `update` and `digest`, like those of hashlib."""

    def __init__(self, name: str) -> None:
        self._loaded = loaded = library()
        self.name = name
        self.digest_size = DIGEST_SIZES[name]
        self._empty = True
        self._context = loaded.ffi.gc(loaded.lib.EVP_MD_CTX_new(), loaded.lib.EVP_MD_CTX_free)
        if not loaded.lib.EVP_DigestInit_ex(self._context, loaded.digests[name], loaded.ffi.NULL):
            raise SigningError(loaded.errors())

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""
        self._empty = self._empty and not data
        if not self._loaded.lib.EVP_DigestUpdate(self._context, self._loaded.ffi.from_buffer(data), len(data)):
            raise SigningError(self._loaded.errors())

    def digest(self) -> bytes:
        """The hash of what was taken in so far; more may follow."""
        if self._empty and self.name == "gost94":
            return _GOST94_OF_NOTHING
        ffi, lib = self._loaded.ffi, self._loaded.lib
        copy = ffi.gc(lib.EVP_MD_CTX_new(), lib.EVP_MD_CTX_free)
        out = ffi.new("unsigned char[64]")
        if not lib.EVP_MD_CTX_copy_ex(copy, self._context) or not lib.EVP_DigestFinal_ex(copy, out, ffi.NULL):
            raise SigningError(self._loaded.errors())
        return bytes(ffi.buffer(out, self.digest_size))

    def hexdigest(self) -> str:
        """The same in hexadecimal."""
        return self.digest().hex()


class NativeKey:
    """An EVP_PKEY: a public key, or a private one with its public half."""

    def __init__(self, pointer: Any) -> None:
        self._loaded = loaded = library()
        if pointer == loaded.ffi.NULL:
            raise BadKey(f"the ГОСТ key cannot be read: {loaded.errors()}")
        self._pointer = loaded.ffi.gc(pointer, loaded.lib.EVP_PKEY_free)
        self._address = loaded.address(pointer)

    @classmethod
    def public(cls, info: bytes) -> NativeKey:
        """Read SubjectPublicKeyInfo."""
        loaded = library()
        return cls(loaded.decode(loaded.lib.d2i_PUBKEY, info))

    @classmethod
    def private(cls, pkcs8: bytes, password: bytes | None) -> NativeKey:
        """Read PKCS#8, encrypted (RFC 8018) when `password` is given."""
        loaded = library()
        ffi, lib = loaded.ffi, loaded.lib
        if password is None:
            info = loaded.decode(lib.d2i_PKCS8_PRIV_KEY_INFO, pkcs8)
        else:
            sealed = loaded.decode(lib.d2i_X509_SIG, pkcs8)
            if sealed == ffi.NULL:
                raise BadKey(f"not an encrypted PKCS#8 key: {loaded.errors()}")
            info = lib.PKCS8_decrypt(ffi.gc(sealed, lib.X509_SIG_free), password, len(password))
        if info == ffi.NULL:
            raise BadKey(f"the key cannot be opened (wrong password or not PKCS#8): {loaded.errors()}")
        return cls(lib.EVP_PKCS82PKEY(ffi.gc(info, lib.PKCS8_PRIV_KEY_INFO_free)))

    @classmethod
    def generate(cls, algorithm: str, parameters: str) -> NativeKey:
        """Make a key: `algorithm` is gost2012_256 or gost2012_512, `parameters` the engine's name of the curve."""
        loaded = library()
        ffi, lib = loaded.ffi, loaded.lib
        context = lib.EVP_PKEY_CTX_new_id(lib.OBJ_sn2nid(algorithm.encode()), ffi.NULL)
        if context == ffi.NULL:
            raise BadKey(loaded.errors())
        context = ffi.gc(context, lib.EVP_PKEY_CTX_free)
        out = ffi.new("EVP_PKEY **")
        ready = lib.EVP_PKEY_keygen_init(context) > 0
        ready = ready and lib.EVP_PKEY_CTX_ctrl_str(context, b"paramset", parameters.encode()) > 0
        if not ready or lib.EVP_PKEY_keygen(context, out) <= 0:
            raise BadKey(f"{algorithm}:{parameters}: {loaded.errors()}")
        return cls(out[0])

    @classmethod
    def from_pkcs12(cls, data: bytes, password: bytes) -> tuple[NativeKey, list[bytes]]:
        """Read a PKCS#12 container (RFC 7292, Р 1323565.1.041): its key, and its certificates, the key's own first."""
        loaded = library()
        ffi, lib = loaded.ffi, loaded.lib
        container = loaded.decode(lib.d2i_PKCS12, data)
        if container == ffi.NULL:
            raise BadKey(f"not a PKCS#12 container: {loaded.errors()}")
        key, own, others = ffi.new("EVP_PKEY **"), ffi.new("X509 **"), ffi.new("OPENSSL_STACK **")
        if not lib.PKCS12_parse(ffi.gc(container, lib.PKCS12_free), password, key, own, others):
            raise BadKey(f"the container cannot be opened (wrong password?): {loaded.errors()}")
        count = lib.OPENSSL_sk_num(others[0]) if others[0] != ffi.NULL else 0
        found = [own[0], *(ffi.cast("X509 *", lib.OPENSSL_sk_value(others[0], number)) for number in range(count))]
        kept = [ffi.gc(one, lib.X509_free) for one in found if one != ffi.NULL]
        if others[0] != ffi.NULL:
            lib.OPENSSL_sk_free(others[0])
        if key[0] == ffi.NULL:
            raise BadKey("the container holds no private key")
        return cls(key[0]), [loaded.encode(lib.i2d_X509, one) for one in kept]

    def public_info(self) -> bytes:
        """Write SubjectPublicKeyInfo."""
        return self._loaded.encode(self._loaded.lib.i2d_PUBKEY, self._pointer)

    def pkcs8(self, password: bytes | None) -> bytes:
        """Write PKCS#8, encrypted with AES-256-CBC and PBKDF2 when `password` is given."""
        loaded = self._loaded
        ffi, lib = loaded.ffi, loaded.lib
        info = lib.EVP_PKEY2PKCS8(self._pointer)
        if info == ffi.NULL:
            raise BadKey(loaded.errors())
        info = ffi.gc(info, lib.PKCS8_PRIV_KEY_INFO_free)
        if password is None:
            return loaded.encode(lib.i2d_PKCS8_PRIV_KEY_INFO, info)
        cipher = lib.EVP_get_cipherbyname(b"aes-256-cbc")
        sealed = lib.PKCS8_encrypt(-1, cipher, password, len(password), ffi.NULL, 0, _PBKDF2_ROUNDS, info)
        if sealed == ffi.NULL:
            raise BadKey(loaded.errors())
        return loaded.encode(lib.i2d_X509_SIG, ffi.gc(sealed, lib.X509_SIG_free))

    def sign(self, digest_name: str, data: bytes) -> bytes:
        """Hash and sign."""
        loaded = self._loaded
        ffi, lib = loaded.ffi, loaded.lib
        context = ffi.gc(lib.EVP_MD_CTX_new(), lib.EVP_MD_CTX_free)
        size = ffi.new("size_t *", 256)
        out = ffi.new("unsigned char[256]")
        md = loaded.digests[digest_name]
        if lib.EVP_DigestSignInit(context, ffi.NULL, md, ffi.NULL, self._pointer) <= 0:
            raise BadKey(loaded.errors())
        if lib.EVP_DigestSign(context, out, size, data, len(data)) <= 0:
            raise BadKey(loaded.errors())
        return bytes(ffi.buffer(out, size[0]))

    def verify(self, digest_name: str, data: bytes, signature: bytes) -> bool:
        """Hash and check; the caller has checked the length of the signature."""
        loaded = self._loaded
        ffi, lib = loaded.ffi, loaded.lib
        held = loaded.held
        context = held.new_context()
        try:
            if held.verify_init(context, None, loaded.addresses[digest_name], None, self._address) <= 0:
                raise BadKey(loaded.errors())
            pointer = ffi.cast(loaded.context, context)
            good: bool = lib.EVP_DigestVerify(pointer, signature, len(signature), data, len(data)) == 1
        finally:
            held.free_context(context)
        if not good:
            lib.ERR_clear_error()
        return good
