//! What a function does with its inputs, and what is asked about them: the vocabulary of escape analysis between functions.
//!
//! A [`Summary`] has a [`Leak`] for each input; [`Needs`] say which of them are asked for. [`super::points_to`] computes
//! summaries, and [`super::summary`] decides which are computed.

/// What a function does with the memory that one input points to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leak {
    /// A pointer to it is kept after the return.
    pub itself: bool,
    /// A pointer that is stored in it, or reachable from it, is kept.
    pub content: bool,
    /// A pointer to it may be in a result.
    pub returned: bool,
    /// A pointer found in it may be in a result.
    pub content_returned: bool,
    /// It is written.
    pub written: bool,
    /// What is reachable from it is written.
    pub content_written: bool,
    /// A deferred call of the frame that the function is given holds a pointer to it.
    pub deferred: bool,
    /// A deferred call holds a pointer to what is reachable from it.
    pub content_deferred: bool,
}

impl Leak {
    /// Anything may happen.
    pub const ALL: Leak = Leak {
        itself: true,
        content: true,
        returned: true,
        content_returned: true,
        written: true,
        content_written: true,
        deferred: true,
        content_deferred: true,
    };

    /// Of native functions that keep nothing.
    pub const WRITES: Leak = Leak {
        itself: false,
        content: false,
        returned: false,
        content_returned: false,
        written: true,
        content_written: true,
        deferred: false,
        content_deferred: false,
    };

    /// What of it was asked; nothing about the rest, as with functions that were not asked at all.
    pub fn answers(self, need: Need) -> Leak {
        Leak {
            itself: self.itself && need.itself,
            returned: self.returned && need.itself,
            written: self.written && need.itself,
            deferred: self.deferred && need.itself,
            content: self.content && need.content,
            content_returned: self.content_returned && need.content,
            content_written: self.content_written && need.content,
            content_deferred: self.content_deferred && need.content,
        }
    }
}

/// What a function does with its inputs; anything with those that are not listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// By captured value.
    pub captures: Vec<Leak>,
    /// By parameter; a receiver in the context comes first.
    pub params: Vec<Leak>,
}

/// What is asked about an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// What becomes of the memory that it points to.
    pub itself: bool,
    /// Of what is reachable from there.
    pub content: bool,
}

/// What is asked about a function's inputs; nothing about those that are not listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// By captured value.
    pub captures: Vec<Need>,
    /// By parameter, as in [`Summary::params`].
    pub params: Vec<Need>,
}

impl Needs {
    /// Whether all that `other` asks is asked here.
    pub(super) fn cover(&self, other: &Needs) -> bool {
        let covers = |a: &[Need], b: &[Need]| {
            b.iter().enumerate().all(|(i, n)| {
                let have = a.get(i).copied().unwrap_or_default();
                (have.itself || !n.itself) && (have.content || !n.content)
            })
        };
        covers(&self.captures, &other.captures) && covers(&self.params, &other.params)
    }

    /// Asks what `other` asks, too.
    pub fn join(&mut self, other: &Needs) {
        for (a, b) in [(&mut self.captures, &other.captures), (&mut self.params, &other.params)] {
            a.resize(a.len().max(b.len()), Need::default());
            for (a, b) in a.iter_mut().zip(b) {
                a.itself |= b.itself;
                a.content |= b.content;
            }
        }
    }
}
