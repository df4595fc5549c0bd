//! A PostgreSQL of this test's own: its folder, its socket, no port; it ends with the test, however that ends.

use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// Where Debian has the programs of a major version.
const PROGRAMS: &str = "/usr/lib/postgresql";
/// PostgreSQL refuses to run as root; nobody has no other rights.
const NOBODY: u32 = 65_534;
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the server until standard input ends, then stops it and takes its folder away.
const KEEPER: &str = r#"
"$@" & server=$!
read -r _
kill -INT "$server"; wait "$server"; rm -rf "$FOLDER"
"#;

pub(crate) struct Cluster {
    folder: PathBuf,
    databases: AtomicU32,
    _keeper: Mutex<(Child, ChildStdin)>,
}

impl Cluster {
    /// The one of this process; none where PostgreSQL is missing.
    pub(crate) fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
        SHARED.get_or_init(|| programs().map(|programs| Self::start(&programs))).as_ref()
    }

    fn start(programs: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("enishi-postgres-").tempdir().unwrap().keep();
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
        if is_root {
            chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let data = folder.join("data");
        let command = |program: &str| {
            let program = programs.join(program);
            if !is_root {
                return vec![program.display().to_string()];
            }
            let user =
                [format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"), "--clear-groups".to_owned()];
            [vec!["setpriv".to_owned()], user.to_vec(), vec![program.display().to_string()]].concat()
        };
        let initdb = command("initdb");
        let made = Command::new(&initdb[0])
            .args(&initdb[1..])
            .args(["--username=owner", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "-D"])
            .arg(&data)
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .args(command("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&folder)
            // A process that ends is what is tested here, never a power cut.
            .args(["-c", "listen_addresses=", "-c", "max_connections=400", "-c", "fsync=off"])
            .env("FOLDER", &folder)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdin = keeper.stdin.take().unwrap();
        let cluster = Self { folder, databases: AtomicU32::new(0), _keeper: Mutex::new((keeper, stdin)) };
        let begun = Instant::now();
        while cluster.owner("postgres").is_err() {
            assert!(begun.elapsed() < PATIENCE, "PostgreSQL does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        // As an operator makes it: the relay owns its database and nothing else.
        cluster.owner("postgres").unwrap().batch_execute("CREATE ROLE relay LOGIN").unwrap();
        cluster
    }

    /// An empty database, and its address for the relay.
    pub(crate) fn database(&self) -> String {
        let name = format!("case_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let make = format!("CREATE DATABASE {name} OWNER relay");
        self.owner("postgres").unwrap().batch_execute(&make).unwrap();
        self.address("relay", &name)
    }

    fn address(&self, user: &str, database: &str) -> String {
        format!("host={} user={user} dbname={database}", self.folder.display())
    }

    fn owner(&self, database: &str) -> Result<postgres::Client, postgres::Error> {
        postgres::Client::connect(&self.address("owner", database), postgres::NoTls)
    }
}

/// The newest version that is installed.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir(PROGRAMS).ok()?;
    let versions = versions.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let programs = versions.map(|version| Path::new(PROGRAMS).join(version.to_string()).join("bin"));
    programs.filter(|programs| programs.join("initdb").exists()).max()
}
