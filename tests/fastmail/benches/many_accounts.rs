//! Twenty accounts side by side, each with the traffic of a deploy: prints time and memory.
//!
//! `cargo bench -p fastmail --bench many_accounts [ACCOUNTS]`

#[path = "../tests/server/support.rs"]
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
mod support;
#[path = "../tests/server/traffic.rs"]
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
mod traffic;

use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use support::{Account, Server, account, server};
use tokio::task::JoinSet;

const MIB: u64 = 1024;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let accounts = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(20);
    let start = Instant::now();
    let server = server();
    println!("first answer  {:5} ms", start.elapsed().as_millis());
    println!("idle          {:5} MiB", memory(server) / MIB);

    let start = Instant::now();
    let mut deploys = JoinSet::new();
    for number in 0..accounts {
        deploys.spawn(async move {
            let account: Account = account(&format!("bench-{number}")).await;
            traffic::deploy(&account).await.expect("the deploy works");
        });
    }
    let (finished, rest) = mpsc::channel();
    let peak = thread::spawn(move || peak(server, &rest));
    while let Some(deploy) = deploys.join_next().await {
        deploy.expect("no deploy panics");
    }
    println!("{accounts} deploys    {:5} ms, {} requests", start.elapsed().as_millis(), accounts * traffic::REQUESTS);
    drop(finished);
    println!("peak          {:5} MiB", peak.join().expect("measuring works") / MIB);
}

/// The most memory seen until the other end of `finished` is gone. Looking takes time, so it has its own thread and
/// pauses longer than it looks.
fn peak(server: &Server, finished: &mpsc::Receiver<()>) -> u64 {
    let mut peak = 0;
    while finished.recv_timeout(Duration::from_millis(200)) == Err(mpsc::RecvTimeoutError::Timeout) {
        peak = peak.max(memory(server));
    }
    peak
}

/// Memory of the front and of Cyrus's process group in KiB, shared pages counted once (PSS).
fn memory(server: &Server) -> u64 {
    let data = server.ca_file();
    let master = fs::read_to_string(data.with_file_name("master.pid")).expect("master writes its pid");
    let master = master.trim();
    let processes = fs::read_dir("/proc").expect("there is a /proc").flatten().map(|entry| entry.path());
    let ours = processes.filter(|path| {
        let front = path.file_name().is_some_and(|name| *name == *server.child.id().to_string());
        front || group(path).as_deref() == Some(master)
    });
    ours.filter_map(|path| pss(&path)).sum()
}

/// The process group of a process: the third field after its name in parentheses (proc(5)).
fn group(process: &Path) -> Option<String> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(2).map(str::to_owned)
}

fn pss(process: &Path) -> Option<u64> {
    let rollup = fs::read_to_string(process.join("smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
