"""Runs the SocketCAN tests under a Linux kernel of their own, in qemu.

`python tests/socketcan/guest.py`: few machines that test have SocketCAN in their kernel. The guest
sees this machine's files read-only, runs the tests of `socketcan_in_guest.py` with this Python and
tells how they went. Nothing has to be root, and nothing of this machine is changed but a folder
`.socketcan` in the checkout, which keeps the kernel.

Debian: apt install qemu-system-x86 busybox-static cpio kmod iproute2
"""

from __future__ import annotations

import contextlib
import lzma
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
CACHE: Final = ROOT / ".socketcan"
TESTS: Final = "tests/socketcan/socketcan_in_guest.py"
PATIENCE_S: Final = 900.0
"""On an emulated processor the guest is up in some 5 s and done in one to five minutes, by what
else the machine does."""

PROGRAMS: Final = ("qemu-system-x86_64", "busybox", "cpio", "modprobe", "depmod", "ip")
PACKAGES: Final = "qemu-system-x86 busybox-static cpio kmod iproute2"
KERNEL_PACKAGE: Final = "linux-image-amd64"
"""Debian's ordinary kernel; that for clouds has no CAN modules."""

MODULES: Final = ("virtio_pci", "9pnet_virtio", "9p", "vcan", "can-raw", "can-isotp")
PASSED: Final = "socketcan-tests: passed"
FAILED: Final = "socketcan-tests: failed"

INIT: Final = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /host
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
while read -r module; do /bin/busybox insmod "/modules/$module"; done < /modules/order
/bin/busybox mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=262144,cache=loose root /host
/bin/busybox mount -t tmpfs run /host/run
/bin/busybox mount -t proc proc /host/proc
/bin/busybox mount -t sysfs sys /host/sys
/bin/busybox mount -o bind /dev /host/dev
for name in lo vcan0 vcan1; do
  [ $name = lo ] || /bin/busybox ip link add dev $name type vcan
  /bin/busybox ip link set $name up
done
if /bin/busybox chroot /host /usr/bin/env -i -C /run HOME=/run TMPDIR=/run CANLOCK_IN_GUEST=1 \\
  PYTHONDONTWRITEBYTECODE=1 PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin @COMMAND@
then echo "@PASSED@"; else echo "@FAILED@"; fi
/bin/busybox poweroff -f
"""


class LackError(Exception):
    """Something that it takes is not installed; the text says what."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel with its modules."""

    image: Path
    base: Path
    """The folder in which its `lib/modules` lies."""

    version: str


def main() -> int:
    """Run the tests in the guest; return the exit status."""
    try:
        find_programs()
        kernel = find_kernel()
    except LackError as error:
        print(f"SocketCAN is not tested here: {error}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        initramfs = build_initramfs(kernel, Path(folder))
        return run_guest(kernel, initramfs)


def find_programs() -> None:
    """Look for the programs that it takes.

    Raises:
        LackError: One of them is not there.
    """
    if platform.machine() != "x86_64":
        raise LackError(f"the guest is an x86-64 machine, and this is {platform.machine()}")
    missing = [name for name in PROGRAMS if shutil.which(name, path=search_path()) is None]
    if missing:
        raise LackError(f"{', '.join(missing)} not installed; on Debian: apt install {PACKAGES}")


def search_path() -> str:
    """Return where programs lie, those of an administrator too."""
    return os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))


def find_kernel() -> Kernel:
    """Return a kernel that has CAN: this machine's, or Debian's, fetched once.

    Raises:
        LackError: There is none, and none can be fetched.
    """
    for base in (Path("/"), CACHE):
        for image in sorted(base.glob("boot/vmlinuz-*"), reverse=True):
            version = image.name.removeprefix("vmlinuz-")
            if any((base / "lib/modules" / version).rglob("vcan.ko*")) and os.access(
                image, os.R_OK
            ):
                return Kernel(image, base, version)
    fetch_kernel()
    images = sorted(CACHE.glob("boot/vmlinuz-*"))
    if not images:
        raise LackError(f"no kernel in {CACHE}")
    version = images[-1].name.removeprefix("vmlinuz-")
    # A package that was only unpacked has no list of what depends on what.
    subprocess.run([tool("depmod"), "--basedir", CACHE, version], check=True)
    return Kernel(images[-1], CACHE, version)


def fetch_kernel() -> None:
    """Have Debian's kernel unpacked in the cache.

    Raises:
        LackError: This is no Debian, or its packages cannot be had.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise LackError("no kernel with CAN in /boot, and no apt-get to fetch one with")
    CACHE.mkdir(exist_ok=True)
    try:
        listed = subprocess.run(
            ["apt-cache", "depends", KERNEL_PACKAGE], capture_output=True, text=True, check=True
        ).stdout
        names = [word for word in listed.split() if word.startswith("linux-image-")]
        package = next(name for name in names if name != KERNEL_PACKAGE)
        subprocess.run(["apt-get", "download", package], cwd=CACHE, check=True)
        (fetched,) = CACHE.glob(f"{package}_*.deb")
        subprocess.run(["dpkg-deb", "--extract", fetched, CACHE], check=True)
        fetched.unlink()
    except (subprocess.CalledProcessError, StopIteration, ValueError) as error:
        raise LackError(f"no kernel with CAN in /boot, and none to be had ({error})") from error


def tool(name: str) -> str:
    """Return the path of a program that was found before."""
    return shutil.which(name, path=search_path()) or name


def build_initramfs(kernel: Kernel, folder: Path) -> Path:
    """Return a first file system: busybox, the modules, and what is to be done."""
    tree = folder / "tree"
    (tree / "bin").mkdir(parents=True)
    (tree / "modules").mkdir()
    shutil.copy(tool("busybox"), tree / "bin/busybox")
    order = []
    for module in modules_of(kernel):
        name = module.name.split(".")[0] + ".ko"
        if name not in order:
            (tree / "modules" / name).write_bytes(unpacked(module))
            order.append(name)
    (tree / "modules/order").write_text("".join(f"{name}\n" for name in order))
    command = (
        f"{sys.executable} -m pytest -v -p no:cacheprovider -p no:xdist --color=no "
        f"--rootdir {ROOT} -c {ROOT / 'pyproject.toml'} {ROOT / TESTS}"
    )
    init = tree / "init"
    init.write_text(
        INIT.replace("@COMMAND@", command).replace("@PASSED@", PASSED).replace("@FAILED@", FAILED)
    )
    init.chmod(0o755)
    names = "\n".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
    archive = folder / "initramfs.cpio"
    with archive.open("wb") as file:
        subprocess.run(
            [tool("cpio"), "--create", "--format=newc", "--quiet"],
            input=names.encode(),
            stdout=file,
            cwd=tree,
            check=True,
        )
    return archive


def modules_of(kernel: Kernel) -> list[Path]:
    """Return the modules that it takes, each behind those that it needs."""
    found = []
    for name in MODULES:
        told = subprocess.run(
            [
                *(tool("modprobe"), "--show-depends", "--dirname", str(kernel.base)),
                *("--set-version", kernel.version, name),
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        # What is built into the kernel is told as `builtin`.
        found += [Path(line.split()[1]) for line in told.splitlines() if line.startswith("insmod")]
    return found


def unpacked(module: Path) -> bytes:
    """Return a module's bytes; some kernels have them packed."""
    data = module.read_bytes()
    return lzma.decompress(data) if module.suffix == ".xz" else data


def run_guest(kernel: Kernel, initramfs: Path) -> int:
    """Run the guest, show what it prints, and return 0 where its tests passed."""
    command = [
        *(tool("qemu-system-x86_64"), "-accel", "tcg,thread=multi", "-cpu", "max"),
        *("-smp", "2", "-m", "1024", "-nographic", "-no-reboot", "-nodefaults", "-serial", "stdio"),
        *("-kernel", str(kernel.image), "-initrd", str(initramfs)),
        *("-append", "console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off"),
        *("-fsdev", "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap"),
        *("-device", "virtio-9p-pci,fsdev=root,mount_tag=root"),
    ]
    begun_at = time.monotonic()
    has_passed = False
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace"
    ) as guest:
        assert guest.stdout is not None
        try:
            for line in guest.stdout:
                print(line, end="", flush=True)
                has_passed |= line.strip() == PASSED
                if time.monotonic() - begun_at > PATIENCE_S:
                    break
        finally:
            with contextlib.suppress(ProcessLookupError):
                guest.kill()
    print(f"the guest ran for {time.monotonic() - begun_at:.0f} s on Linux {kernel.version}")
    return 0 if has_passed else 1


if __name__ == "__main__":
    sys.exit(main())
