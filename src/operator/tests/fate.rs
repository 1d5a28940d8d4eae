//! What becomes of a call: it may be refused, lost, or be the last thing the operator does.

use std::future::pending;

use crate::lifecycle::Cause;

/// What happens to one call.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fate {
    /// The process dies before the call takes effect.
    DieBefore,
    /// The process dies when the call has taken effect, before it hears of it.
    DieAfter,
    /// No effect and no answer.
    Lost,
    /// The effect, but no answer.
    AnswerLost,
    /// AWS refuses.
    Refused(Cause),
}

/// The accidents that nobody can do anything about.
pub(super) const ACCIDENTS: [Fate; 4] = [Fate::DieBefore, Fate::DieAfter, Fate::Lost, Fate::AnswerLost];

/// Lets a call go as its fate has it. A process that dies is one whose future never ends.
pub(super) async fn meet<T, E>(
    fate: Option<Fate>,
    effect: impl FnOnce() -> Result<T, E>,
    unheard: impl FnOnce(Option<Cause>) -> E,
) -> Result<T, E> {
    match fate {
        None => effect(),
        Some(Fate::DieBefore) => pending().await,
        Some(Fate::DieAfter) => {
            let _ = effect();
            pending().await
        }
        Some(Fate::Lost) => Err(unheard(None)),
        Some(Fate::AnswerLost) => {
            let _ = effect();
            Err(unheard(None))
        }
        Some(Fate::Refused(cause)) => Err(unheard(Some(cause))),
    }
}
