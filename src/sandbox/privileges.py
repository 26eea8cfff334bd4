"""The user that PostgreSQL runs as: it refuses root, so root hands it to an unprivileged one.

No system user is added and no mode is changed. The server keeps one capability, the right to pass
through folders closed to others, so that a clone under /root (0700) works too. Everything that it
writes belongs to the unprivileged user.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path

from sandbox.processes import OURSELVES, RunAs, prefix, setpriv

# The weaker one first. Containers often have only the second.
_PASSING_CAPABILITIES = (("dac_read_search", 2), ("dac_override", 1))


class PrivilegesError(Exception):
    """Root cannot hand PostgreSQL to a user who reaches the files; the text is for people."""


def choose(program: Path, data_dir: Path) -> RunAs:
    """Return whom to run `program` as on `data_dir`, OURSELVES unless we are root.

    Raises PrivilegesError with one line of advice if we are root and nobody else gets in.
    """
    if os.geteuid() != 0:
        return OURSELVES
    user = _unprivileged_user(data_dir)
    for candidate in _candidates(user):
        if _reaches(candidate, program, data_dir.parent):
            return candidate
    raise PrivilegesError(
        f"PostgreSQL must not run as root, and user {user.pw_name} cannot reach {program} and "
        f"{data_dir.parent}: run as an ordinary user, or put the clone where others may enter"
    )


def _unprivileged_user(data_dir: Path) -> pwd.struct_passwd:
    """Return the owner of existing data, else `nobody`, else any user that is not root."""
    try:
        owner = data_dir.stat().st_uid
    except FileNotFoundError:
        owner = 0
    users = [user for user in pwd.getpwall() if user.pw_uid > 0]
    if not users:
        raise PrivilegesError("PostgreSQL must not run as root, and there is no other user here")
    return min(users, key=lambda user: (user.pw_uid != owner, user.pw_name != "nobody"))


def _candidates(user: pwd.struct_passwd) -> list[RunAs]:
    plain = RunAs(user.pw_uid, user.pw_gid)
    capability = _passing_capability()
    if setpriv() is None or capability is None:
        return [plain]
    options = (
        f"--reuid={user.pw_uid}",
        f"--regid={user.pw_gid}",
        "--clear-groups",
        f"--inh-caps=-all,+{capability}",
        f"--ambient-caps=-all,+{capability}",
        f"--bounding-set=-all,+{capability}",
        # Without it access(2), by which PostgreSQL looks for its own files, forgets the capability.
        "--securebits=+no_setuid_fixup",
    )
    # The plain one first: no extra right where none is needed.
    return [plain, RunAs(user.pw_uid, user.pw_gid, options)]


def _passing_capability() -> str | None:
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    effective = next(
        (int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff:")), 0
    )
    return next((name for name, bit in _PASSING_CAPABILITIES if effective >> bit & 1), None)


def _reaches(candidate: RunAs, program: Path, folder: Path) -> bool:
    probe = ["/bin/sh", "-c", 'test -x "$0" && cd "$1"', str(program), str(folder)]
    try:
        done = subprocess.run(  # noqa: S603
            [*prefix(candidate), *probe],
            capture_output=True,
            check=False,
            cwd="/",
            user=candidate.user,
            group=candidate.group,
            extra_groups=candidate.extra_groups,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
