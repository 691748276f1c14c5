"""Where the operations lie: a directory of the operator's own, on a disk of this machine.

SQLite's write-ahead log needs shared memory and the controller's lock needs flock: over NFS both fail silently, so a
directory on a network file system is refused.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from fleetui.ports.store import StoreUnusableError

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "coda", "ceph", "lustre", "gpfs", "beegfs", "glusterfs"}
    | {"gfs2", "ocfs2", "orangefs", "pvfs2", "davfs2"}
)
"""As the kernel names them. What runs over FUSE is judged by its second half: ``fuse.sshfs``."""

NETWORK_FUSE = frozenset(
    {"sshfs", "glusterfs", "ceph", "cephfs", "s3fs", "gcsfuse", "rclone", "davfs2", "goofys", "juicefs", "seaweedfs"}
)

LOCAL_DISK_REMEDY = "use --state-dir (or FLEETUI_STATE_DIR) with a directory on a local disk, such as /var/tmp/$USER"


def read_mounts() -> str | None:
    """The kernel's mount table of this process; None where there is none (then the file system is not judged)."""
    try:
        return Path("/proc/self/mountinfo").read_text(errors="surrogateescape")
    except OSError:
        return None


def prepare_state_dir(directory: Path, *, mounts: Callable[[], str | None] = read_mounts) -> Path:
    """The directory with every link resolved, made with mode 0700 when it is not there.

    Raises StoreUnusableError when it lies on a network file system, is not ours, or others may write to it.
    """
    resolved = Path(os.path.realpath(directory))
    kind = file_system_of(resolved, mounts() or "")
    if is_network(kind):
        raise StoreUnusableError(f"{directory} is on a network file system ({kind})", LOCAL_DISK_REMEDY)
    try:
        resolved.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = resolved.stat()
    except OSError as error:
        raise StoreUnusableError(f"{directory} cannot be used: {error.strerror}", LOCAL_DISK_REMEDY) from error
    if found.st_uid != os.getuid():
        raise StoreUnusableError(f"{directory} belongs to uid {found.st_uid}", "use a directory of your own")
    if stat.S_IMODE(found.st_mode) & 0o022:
        raise StoreUnusableError(f"others may write to {directory}", f"run: chmod 700 {directory}")
    return resolved


def is_network(kind: str) -> bool:
    """Whether a file system's name, as the kernel gives it, is one that other machines share."""
    family, _, program = kind.partition(".")
    return family in NETWORK_FILE_SYSTEMS or (family.startswith("fuse") and program in NETWORK_FUSE)


def file_system_of(path: Path, mountinfo: str) -> str:
    """The type of the file system that holds ``path`` (resolved); empty when the table does not say.

    proc(5): ``36 35 98:0 /root /mount/point options [optional fields] - type source options``; of several mounts on
    one point the last one is seen.
    """
    found, depth = "", -1
    for line in mountinfo.splitlines():
        fields, separator, rest = line.partition(" - ")
        columns = fields.split(" ")
        if not separator or len(columns) < 5:
            continue
        point = Path(_unescaped(columns[4]))
        if len(point.parts) >= depth and path.is_relative_to(point):
            found, depth = rest.split(" ")[0], len(point.parts)
    return found


def _unescaped(point: str) -> str:
    """The kernel writes space, tab, line feed and backslash in octal."""
    for octal, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(octal, character)
    return point
