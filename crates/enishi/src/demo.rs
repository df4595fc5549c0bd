//! The demo: every party of slide 9 on this machine, and the stories that a shopkeeper would ask about.

mod by_hand;
mod citizen;
mod floor;
mod hops;
mod interruption;
mod scene;
mod screen;
mod sight;
mod stage;
mod story_approved;
mod story_entrusted;
mod story_line;
mod story_lost;
mod story_refused;
mod story_replayed;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use enishi_authority::SerialPlan;
use enishi_party::Language;
use enishi_relay::Unobserved;

use crate::sandbox::{
    LimitsChoice, ProcessTownOptions, Processes, RelayPlace, SandboxError, SetupOptions, Town, TownOptions,
};
use floor::Floor;
use interruption::Signals;
use screen::Screen;
use stage::Stage;

pub use crate::sandbox::of_outcome;
pub use citizen::Citizen;
pub use interruption::Interruption;
pub use scene::{Scene, Standing};

/// How long the parties may take to stop.
const STOP_WITHIN: Duration = Duration::from_secs(40);
/// What parties in processes of their own log.
const LOG_LEVEL: &str = "info";

/// What can be chosen for a demo.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// The language of the stories.
    pub language: Language,
    /// The first of thirteen ports in a row; none: the kernel chooses.
    pub port_base: Option<u16>,
    /// Keep the folder and say where it is.
    pub keep: Option<PathBuf>,
    /// Whether colour may be used.
    pub colour: Colour,
    /// How the authority chooses serial numbers. With [`SerialPlan::Random`], 16 octets, what a scan finds is there and
    /// not there by chance; numbers in sequence are short, as J-LIS's look.
    pub serials: SerialPlan,
    /// What happens after the last story.
    pub afterwards: Afterwards,
    /// Where the parties run.
    pub parties: PartiesPlace,
}

/// Where the parties run. The stories are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartiesPlace {
    /// As tasks of this process.
    Here,
    /// Each in a process of its own.
    Processes {
        /// The `enishi` program.
        program: PathBuf,
    },
}

/// What happens after the last story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Afterwards {
    /// Everything stops.
    Stop,
    /// Everything stays up, and it is printed how to drive it by hand, until SIGINT or SIGTERM.
    Serve,
}

/// Whether colour may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// On a terminal, without NO_COLOR.
    Allowed,
    /// Plain text.
    Plain,
}

/// How a demo ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every story came out as expected.
    AsExpected,
    /// At least one did not.
    Otherwise,
    /// A signal came before the last.
    Interrupted(Interruption),
}

/// Plays all stories in a sandbox of their own and prints them as they happen. However it returns, it leaves no
/// party running and no temporary folder.
///
/// # Errors
/// The sandbox could not be made or could not ask; a story that comes out otherwise is a [`Verdict`].
pub async fn play(options: &DemoOptions, out: &mut (dyn Write + Send)) -> Result<Verdict, SandboxError> {
    let mut signals = Signals::watch()?;
    let floor = Floor::make(options.keep.as_deref())?;
    let mut screen = Screen::new(out, options.language, options.colour);
    let processes = match &options.parties {
        PartiesPlace::Here => None,
        PartiesPlace::Processes { program } => Some(Arc::new(Processes::new(program.clone()))),
    };
    let played = play_on(floor.root(), options, processes.clone(), &mut screen, &mut signals).await;
    if let Some(processes) = processes {
        // Those that a start which did not come to its end left running.
        processes.stop().await;
    }
    floor.clear().await?;
    match played? {
        Played::Told(scenes) => {
            screen.closing(&scenes, options.keep.as_deref())?;
            let all = scenes.iter().all(|scene| scene.standing() == Standing::AsExpected);
            Ok(if all { Verdict::AsExpected } else { Verdict::Otherwise })
        }
        Played::Interrupted(by) => Ok(Verdict::Interrupted(by)),
    }
}

/// How the stories ended.
enum Played {
    Told(Vec<Scene>),
    Interrupted(Interruption),
}

async fn play_on(
    root: &Path,
    options: &DemoOptions,
    processes: Option<Arc<Processes>>,
    screen: &mut Screen<'_>,
    signals: &mut Signals,
) -> Result<Played, SandboxError> {
    screen.opening(root)?;
    let town = tokio::select! {
        town = start(root, options, processes.clone()) => town?,
        by = signals.one() => return Ok(Played::Interrupted(by)),
    };
    let mut stage = Stage::new(town);
    let mut played = tokio::select! {
        told = tell(&mut stage, screen) => told.map(Played::Told),
        by = signals.one() => Ok(Played::Interrupted(by)),
        error = one_ended(processes.as_deref()) => Err(error),
    };
    if let (Ok(Played::Told(scenes)), Afterwards::Serve) = (&played, options.afterwards) {
        screen.table(scenes)?;
        stage.town.release().await;
        by_hand::print(&stage.town.plan, screen)?;
        tokio::select! {
            _ = signals.one() => {}
            error = one_ended(processes.as_deref()) => played = Err(error),
        }
    } else if let Ok(Played::Told(scenes)) = &played {
        screen.table(scenes)?;
    }
    if let (Err(_), Some(processes)) = (&played, &processes)
        && let Some(ended) = processes.ended_soon().await
    {
        // A party's own last words say more than what its silence led to.
        played = Err(ended);
    }
    let faults = stop(stage.town, signals).await;
    match (&played, faults.is_empty()) {
        (Ok(Played::Told(_)), false) => Err(SandboxError::NotStopped(faults)),
        _ => played,
    }
}

async fn start(
    root: &Path,
    options: &DemoOptions,
    processes: Option<Arc<Processes>>,
) -> Result<Town, SandboxError> {
    let setup = SetupOptions { serials: options.serials, limits: LimitsChoice::Short };
    let (language, port_base) = (options.language, options.port_base);
    match processes {
        None => {
            let (observer, relay) = (Arc::new(Unobserved), RelayPlace::InProcess);
            Town::start(root, TownOptions { setup, language, port_base, observer, relay }).await
        }
        Some(processes) => {
            let options = ProcessTownOptions { setup, language, port_base, processes, log_level: LOG_LEVEL };
            Town::start_in_processes(root, options).await
        }
    }
}

/// Returns when a party that is a process of its own ends unasked; in one process there is none.
async fn one_ended(processes: Option<&Processes>) -> SandboxError {
    match processes {
        Some(processes) => processes.one_ended().await,
        None => std::future::pending().await,
    }
}

/// Stops every party; a further signal makes an end at once.
async fn stop(town: Town, signals: &mut Signals) -> Vec<String> {
    tokio::select! {
        faults = town.stop() => faults,
        _ = signals.one() => vec!["stopped at once by a second signal".to_owned()],
        () = tokio::time::sleep(STOP_WITHIN) => vec![format!("not stopped within {} s", STOP_WITHIN.as_secs())],
    }
}

/// The stories, in their order.
async fn tell(stage: &mut Stage, screen: &mut Screen<'_>) -> Result<Vec<Scene>, SandboxError> {
    stage.enrol_everyone(screen).await?;
    let mut scenes = Vec::new();
    macro_rules! tell {
        ($($story:path),* $(,)?) => {
            $(
                stage.begin()?;
                for scene in $story(stage).await? {
                    screen.scene(&scene)?;
                    scenes.push(scene);
                }
            )*
        };
    }
    tell!(
        story_approved::approved_under_proxy,
        story_refused::not_linked,
        story_refused::revoked_a_moment_ago,
        story_refused::pin_wrong_three_times,
        story_replayed::replayed,
        story_replayed::login_offered_as_payment,
        story_replayed::forged_signature,
        story_refused::amount_not_signed,
        story_approved::approved_under_entrusted,
        story_entrusted::relay_that_lies,
        story_entrusted::holder_chooses,
        story_entrusted::company_pin,
        story_entrusted::over_the_limit,
        story_entrusted::someone_elses_card,
        story_lost::company_does_not_answer,
        story_lost::answer_to_the_shop_is_lost,
        story_replayed::altered_on_the_way,
        story_line::recorded_at_the_line,
        story_line::overtaken_by_its_reversal,
    );
    Ok(scenes)
}
