//! Numbered points in the life of a call, so close that every effect and every move lies between two of them.
//!
//! Only a build with the feature `effect-points` has them: there the crash matrix of the tests halts a process and
//! strikes. In every other build a point is nothing at all.

#[cfg(feature = "effect-points")]
mod table;
#[cfg(feature = "effect-points")]
mod watch;

#[cfg(feature = "effect-points")]
pub use table::{EffectPoint, POINTS, Place, Point};
#[cfg(feature = "effect-points")]
pub use watch::{BLOWS, FOLDER, HELD, PASSED};
#[cfg(feature = "effect-points")]
pub(crate) use watch::{pass, pass_of, start};

/// A point that the pipeline passes; with whose call it is where a task takes the call up.
macro_rules! effect_point {
    ($point:ident) => {
        #[cfg(feature = "effect-points")]
        crate::effect_point::pass(crate::effect_point::Point::$point).await;
    };
    ($point:ident, $subject:expr) => {
        #[cfg(feature = "effect-points")]
        crate::effect_point::pass_of(crate::effect_point::Point::$point, &$subject).await;
    };
}

pub(crate) use effect_point;
