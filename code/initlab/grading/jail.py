"""A room of its own for one process, made by root where there is no bubblewrap.

A script of its own, with the standard library only: new namespaces, a root folder that holds
nothing but what the settings name, and a supervisor in it that remains root. The process itself
gives up root (`worker` does). Because the supervisor never changes its user, the signal that it
gets when the grader dies stays in force, and with the supervisor everything in the room ends.
"""

import ctypes
import json
import os
import signal
import sys

NEW_NAMESPACES = (
    0x00020000 | 0x04000000 | 0x08000000 | 0x20000000 | 0x40000000
)  # mount uts ipc pid net
READ_ONLY, NO_SUID, NO_DEVICES, REMOUNT, BIND = 1, 2, 4, 32, 4096
RECURSIVE, PRIVATE, DETACH = 16384, 1 << 18, 2
SET_DEATH_SIGNAL, NO_NEW_PRIVILEGES = 1, 38
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203, "s390x": 217}
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
LIBC = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> None:
    """Raise ``OSError`` for a failed call of the C library."""
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """The system's mount, with an error that names the target."""
    texts = [text.encode() for text in (source, target, kind)]
    check(LIBC.mount(*texts, flags, options.encode()), f"mount {target}")


def die_with_parent() -> None:
    """Get SIGKILL as soon as the process that made this one ends."""
    check(LIBC.prctl(SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0), "prctl")


def furnish(settings: dict) -> None:
    """Make the new root folder and leave the old one."""
    mount("none", "/", flags=RECURSIVE | PRIVATE)
    mount("tmpfs", "/tmp", "tmpfs", NO_SUID | NO_DEVICES, "mode=0755,size=1m")
    os.mkdir("/tmp/old")
    check(LIBC.syscall(PIVOT_ROOT[os.uname().machine], b"/tmp", b"/tmp/old"), "pivot_root")
    os.chdir("/")
    for action, source, target in settings["furniture"]:
        if action == "empty":
            os.makedirs(target, exist_ok=True)
            mount("tmpfs", target, "tmpfs", NO_SUID | NO_DEVICES, "mode=0755,size=1m")
        else:
            show("/old" + source, target, NO_DEVICES)
    for device in DEVICES:
        show("/old" + device, device, 0)
    folder = settings["folder"]
    os.mkdir(folder)
    options = f"mode=1777,size={settings['space']},nr_inodes=1000"
    mount("tmpfs", folder, "tmpfs", NO_SUID | NO_DEVICES, options)
    check(LIBC.umount2(b"/old", DETACH), "umount")
    os.rmdir("/old")
    mount("none", "/", flags=REMOUNT | BIND | READ_ONLY | NO_SUID | NO_DEVICES)
    os.chdir(folder)


def show(source: str, target: str, flags: int) -> None:
    """Let a file or folder of the old root be read in the new one."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        open(target, "a").close()
    mount(source, target, flags=BIND)
    mount("none", target, flags=REMOUNT | BIND | READ_ONLY | NO_SUID | flags)


def outcome(process: int) -> int:
    """Wait for a process; its exit code, or 128 and its signal as shells have it."""
    while True:
        ended, status = os.wait()
        if ended == process:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def main() -> None:
    """Make the room, run the command in it, end as it ends."""
    settings = json.loads(sys.argv[1])
    die_with_parent()
    if os.getppid() != settings["parent"]:
        sys.exit(1)  # the grader had died before
    check(LIBC.unshare(NEW_NAMESPACES), "unshare")
    supervisor = os.fork()
    if supervisor:
        os._exit(outcome(supervisor))
    die_with_parent()
    furnish(settings)
    process = os.fork()
    if process:
        os._exit(outcome(process))
    check(LIBC.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0), "prctl")
    os.execve(settings["command"][0], settings["command"], dict(os.environ))


if __name__ == "__main__":
    main()
