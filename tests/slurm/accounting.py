"""An accounting database for the throw-away cluster: MariaDB and slurmdbd below its directory."""

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

ACCOUNT = "lab"
PROGRAMS = ("mariadbd", "slurmdbd", "sacctmgr", "sacct")

CONF = """\
AuthType=auth/munge
AuthInfo=socket={root}/munge/socket
DbdHost=localhost
DbdPort={port}
SlurmUser=root
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={database_port}
StorageUser=slurm
StoragePass=throwaway
StorageLoc=accounting
PidFile={root}/run/slurmdbd.pid
LogFile={root}/log/slurmdbd.log
PluginDir={plugins}
"""


def search_path() -> str:
    """Where programs are looked for."""
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def missing_accounting() -> list[str]:
    """Programs of the accounting database that are not installed."""
    return [p for p in PROGRAMS if shutil.which(p, path=search_path()) is None]


def start_database(root: Path, port: int) -> None:
    """Start MariaDB on 127.0.0.1:`port` with all it holds below `root`."""
    data = root / "database"
    data.mkdir()
    server = shutil.which("mariadbd", path=search_path())
    assert server is not None
    shared = Path(server).parents[1] / "share/mysql"
    common = [server, "--no-defaults", f"--datadir={data}", "--user=root"]
    common += [f"--lc-messages-dir={shared}", "--innodb-use-native-aio=0"]
    tables = ["mysql_system_tables.sql", "mysql_system_tables_data.sql"]
    text = "CREATE DATABASE mysql;\nUSE mysql;\n"
    text += "\n".join((shared / name).read_text() for name in tables)
    subprocess.run([*common, "--bootstrap"], input=text, text=True, check=True, capture_output=True)
    start = data / "start.sql"
    start.write_text(
        "CREATE USER slurm@localhost IDENTIFIED BY 'throwaway';\n"
        "CREATE USER slurm@'127.0.0.1' IDENTIFIED BY 'throwaway';\n"
        "GRANT ALL ON accounting.* TO slurm@localhost;\n"
        "GRANT ALL ON accounting.* TO slurm@'127.0.0.1';\n"
    )
    with open(root / "log/database.log", "wb") as log:
        subprocess.Popen(
            [
                *common, f"--port={port}", "--bind-address=127.0.0.1", f"--init-file={start}",
                f"--socket={root}/run/database.socket", f"--pid-file={root}/run/database.pid",
            ],
            stdout=log, stderr=log,
        )  # fmt: skip
    for _ in range(120):
        if (root / "run/database.pid").exists():
            return
        time.sleep(0.5)
    raise RuntimeError(f"MariaDB did not start; see {root}/log/database.log")


def start_accounting(root: Path, port: int, environment: Mapping[str, str]) -> None:
    """Start slurmdbd on `port` and its database on the next."""
    start_database(root, port + 1)
    program = shutil.which("slurmdbd", path=search_path())
    assert program is not None
    plugins = ":".join(
        str(found)
        for prefix in dict.fromkeys((Path(program).resolve().parents[1], Path("/usr")))
        for found in sorted(prefix.glob("lib/*/slurm-wlm"))
    )
    conf = root / "slurmdbd.conf"
    conf.write_text(CONF.format(root=root, port=port, database_port=port + 1, plugins=plugins))
    conf.chmod(0o600)
    subprocess.run(
        [program], env={**environment, "SLURM_CONF": str(root / "slurm.conf")}, check=True
    )
    for _ in range(60):
        done = subprocess.run(
            ["sacctmgr", "-n", "show", "cluster"], env=dict(environment), capture_output=True
        )
        if done.returncode == 0:
            break
        time.sleep(0.5)
    else:
        raise RuntimeError(f"slurmdbd does not answer; see {root}/log/slurmdbd.log")
    for words in (
        ("add", "cluster", "throwaway"),
        ("add", "account", ACCOUNT, "cluster=throwaway"),
        ("add", "user", "root", f"account={ACCOUNT}"),
    ):
        subprocess.run(
            ["sacctmgr", "-i", *words], env=dict(environment), capture_output=True, check=False
        )
