"""Signatures with SSH keys (ed25519), in the format of `ssh-keygen -Y` (SSHSIG).

The signing and the checking are the library's (`cryptography`); here is the envelope, so that
anybody can check a signature without this program:

    ssh-keygen -Y verify -f allowed_signers -I NAME -n shirube-report -s FILE.sig < FILE

Who may sign stands in a file of allowed signers, one a line: names (joined by commas), the type
of the key and the key, as ssh knows it (`ssh-keygen` man page, ALLOWED SIGNERS).
"""

import base64
import binascii
import getpass
import hashlib
import shlex
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shirube.errors import InputError

NAMESPACE, KEY_TYPE, HASH = "shirube-report", "ssh-ed25519", "sha512"
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG"


@dataclass(frozen=True)
class Signer:
    """Somebody who may sign: their names, and the key as SSH writes it (without a comment)."""

    names: tuple[str, ...]
    key: str

    @property
    def fingerprint(self) -> str:
        """The key's fingerprint as ssh-keygen prints it."""
        blob = base64.b64decode(self.key.split()[1])
        return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def private_key(path: Path) -> Ed25519PrivateKey:
    """The ed25519 key of an SSH key file; a passphrase is asked for. InputError for another."""
    try:
        data = path.read_bytes()
        try:
            key = serialization.load_ssh_private_key(data, None)
        except (TypeError, ValueError) as error:
            if "password" not in str(error).lower() and "encrypted" not in str(error).lower():
                raise
            secret = getpass.getpass(f"passphrase of {path}: ").encode()
            key = serialization.load_ssh_private_key(data, secret)
    except OSError as error:
        raise InputError(path, f"a private key to read ({error.strerror})") from error
    except (TypeError, ValueError) as error:
        raise InputError(path, f"an ed25519 SSH private key ({error})") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(path, "an ed25519 SSH private key (ssh-keygen -t ed25519)")
    if path.stat().st_mode & 0o077:
        raise InputError(path, "a private key that its owner alone can read (chmod 600)")
    return key


def public_text(key: Ed25519PublicKey) -> str:
    """`ssh-ed25519 AAAA...` of a key."""
    form = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    return key.public_bytes(*form).decode()


def allowed_signers(path: Path) -> list[Signer]:
    """Who may sign; InputError naming the line that is of no such form."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path, f"a file of allowed signers ({error})") from error
    out = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            words = shlex.split(text)
            at = words.index(KEY_TYPE)
            names, options, blob = words[0], words[1:at], words[at + 1]
            serialization.load_ssh_public_key(f"{KEY_TYPE} {blob}".encode())
        except (ValueError, IndexError) as error:
            expected = f"NAMES {KEY_TYPE} KEY ({error})"
            raise InputError(path, expected, f"line {number}") from None
        others = [o for o in options if o != f"namespaces={NAMESPACE}"]
        if at == 0 or others:
            expected = (
                f"no option but namespaces={NAMESPACE}, found {', '.join(others) or 'no name'}"
            )
            raise InputError(path, expected, f"line {number}")
        out.append(Signer(tuple(names.split(",")), f"{KEY_TYPE} {blob}"))
    if not out:
        raise InputError(path, "at least one allowed signer")
    return out


def signer_of(signers: list[Signer], key: str, path: Path) -> Signer:
    """The allowed signer a public key is of; InputError if of none."""
    found = next((one for one in signers if one.key == key), None)
    if found is None:
        fingerprint = Signer((), key).fingerprint
        raise InputError(path, f"the key {fingerprint} among the allowed signers")
    return found


def signed(message: bytes, key: Ed25519PrivateKey) -> str:
    """The armoured SSH signature of a message."""
    blob = base64.b64decode(public_text(key.public_key()).split()[1])
    signature = _string(KEY_TYPE.encode()) + _string(key.sign(_to_sign(message)))
    body = _MAGIC + (1).to_bytes(4, "big") + _string(blob) + _string(NAMESPACE.encode())
    body += _string(b"") + _string(HASH.encode()) + _string(signature)
    text = base64.b64encode(body).decode()
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    return "\n".join([_BEGIN, *lines, _END, ""])


def key_that_signed(message: bytes, signature: str, path: Path) -> str:
    """Public key whose signature of `message` this is; InputError, naming `path`, if of none."""
    lines = signature.strip().splitlines()
    try:
        if lines[0] != _BEGIN or lines[-1] != _END:
            raise ValueError("no SSH signature")
        body = base64.b64decode("".join(lines[1:-1]), validate=True)
        if body[:10] != _MAGIC + (1).to_bytes(4, "big"):
            raise ValueError("of another version")
        blob, namespace, _, hashed, inner = _strings(body[10:])
        kind, proof = _strings(inner)
        if (namespace, hashed, kind) != (NAMESPACE.encode(), HASH.encode(), KEY_TYPE.encode()):
            raise ValueError(f"not an ed25519 signature of namespace {NAMESPACE}")
        key = f"{KEY_TYPE} {base64.b64encode(blob).decode()}"
        public = serialization.load_ssh_public_key(key.encode())
        if not isinstance(public, Ed25519PublicKey):
            raise ValueError("not an ed25519 key")
        public.verify(proof, _to_sign(message))
    except InvalidSignature:
        raise InputError(path, "a signature of this very content: it is of another") from None
    except (ValueError, IndexError, binascii.Error) as error:
        raise InputError(path, f"an SSH signature ({error})") from None
    return key


def _to_sign(message: bytes) -> bytes:
    digest = hashlib.sha512(message).digest()
    parts = (NAMESPACE.encode(), b"", HASH.encode(), digest)
    return _MAGIC + b"".join(map(_string, parts))


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _strings(data: bytes) -> list[bytes]:
    out, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if at + 4 + size > len(data):
            raise ValueError("cut short")
        out.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return out
