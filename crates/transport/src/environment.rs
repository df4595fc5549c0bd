use enishi_party::Environment;

use crate::SetupError;

/// The sandbox and production never meet: what is found must be what is configured.
pub(crate) fn require_environment(
    what: &'static str,
    found: Environment,
    configured: Environment,
) -> Result<(), SetupError> {
    match (found, configured) {
        (Environment::Sandbox, Environment::Production) => Err(SetupError::SandboxInProduction { what }),
        (Environment::Production, Environment::Sandbox) => Err(SetupError::ProductionInSandbox { what }),
        (Environment::Sandbox, Environment::Sandbox) | (Environment::Production, Environment::Production) => {
            Ok(())
        }
    }
}
