//! The demo: every party of slide 9 on this machine, and the stories that a shopkeeper would ask about.

mod by_hand;
mod citizen;
mod hops;
mod outcome;
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
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use enishi_authority::SerialPlan;
use enishi_party::Language;

use crate::sandbox::{LimitsChoice, RelayPlace, SandboxError, SetupOptions, Town, TownOptions};
use hops::HopLog;
use screen::Screen;
use stage::Stage;

pub use citizen::Citizen;
pub use outcome::of_outcome;
pub use scene::{Scene, Standing};

/// What can be chosen for a demo.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// The language of the stories.
    pub language: Language,
    /// The first of nine ports in a row; none: the kernel chooses.
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
}

/// Plays all stories in a sandbox of their own and prints them as they happen.
///
/// # Errors
/// The sandbox could not be made or could not ask; a story that comes out otherwise is a [`Verdict`].
pub async fn play(options: &DemoOptions, out: &mut (dyn Write + Send)) -> Result<Verdict, SandboxError> {
    let folder = tempfile::Builder::new().prefix("enishi-demo-").tempdir()?;
    let root = match &options.keep {
        Some(keep) => empty_folder(keep)?,
        None => folder.path().to_owned(),
    };
    let hops = Arc::new(HopLog::default());
    let mut screen = Screen::new(out, options.language, options.colour);
    screen.opening(&root)?;
    let town = Town::start(
        &root,
        TownOptions {
            setup: SetupOptions { serials: options.serials, limits: LimitsChoice::Short },
            language: options.language,
            port_base: options.port_base,
            observer: hops.clone(),
            relay: RelayPlace::InProcess,
        },
    )
    .await?;
    let mut stage = Stage::new(town, hops);
    let scenes = tell(&mut stage, &mut screen).await;
    let scenes = match scenes {
        Ok(scenes) => scenes,
        Err(error) => {
            stage.town.stop().await;
            return Err(error);
        }
    };
    screen.table(&scenes)?;
    if options.afterwards == Afterwards::Serve {
        stage.town.release();
        by_hand::print(&stage.town.plan, &mut screen)?;
        stopped_by_a_signal().await?;
    }
    stage.town.stop().await;
    screen.closing(&scenes, options.keep.as_deref())?;
    let all = scenes.iter().all(|scene| scene.standing() == Standing::AsExpected);
    Ok(if all { Verdict::AsExpected } else { Verdict::Otherwise })
}

/// A folder for a sandbox must be new or empty: nothing of an earlier one is written over.
fn empty_folder(folder: &Path) -> Result<PathBuf, SandboxError> {
    let file = |reason| SandboxError::File { path: folder.to_owned(), reason };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(file)?;
    if std::fs::read_dir(folder).map_err(file)?.next().is_some() {
        return Err(SandboxError::Making(format!("{} is not empty; name a new folder", folder.display())));
    }
    std::path::absolute(folder).map_err(file)
}

/// SIGINT or SIGTERM.
async fn stopped_by_a_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended,
        _ = terminate.recv() => Ok(()),
    }
}

/// The stories, in their order.
async fn tell(stage: &mut Stage, screen: &mut Screen<'_>) -> Result<Vec<Scene>, SandboxError> {
    stage.enrol_everyone(screen).await?;
    let mut scenes = Vec::new();
    macro_rules! tell {
        ($($story:path),* $(,)?) => {
            $(
                stage.begin();
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
