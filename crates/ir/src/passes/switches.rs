//! Which passes run, in which functions: switches for finding the pass and the function that are wrong.
//!
//! Switches are words, separated by commas or blanks; the last one that fits a pass and a function decides:
//!
//! ```text
//! -fold            fold is off
//! none             all passes are off
//! none,+fold       all passes but fold are off
//! -fold@main.f     fold is off in the function main.f
//! -fold@hash=01    fold is off in functions whose hash ends in the bits 01
//! -fold@hash!=01   fold is off in all other functions
//! ```
//!
//! A function's hash is [`name_hash`] of its name. As with gc's GOSSAHASH, a suffix of its bits names a part of the
//! functions that each further bit halves, so a few runs of a program find one function among thousands. `itab bisect`
//! does that.

use super::{Pass, Switch, names};
use crate::program::{FuncId, Program};

/// Which passes run.
#[derive(Clone, Debug, Default)]
pub struct Switches {
    words: Vec<Word>,
}

/// One switch.
#[derive(Clone, Debug)]
struct Word {
    on: bool,
    /// The pass; all passes if none is named.
    pass: Option<&'static str>,
    funcs: Funcs,
}

/// The functions that a switch is about.
#[derive(Clone, Debug)]
enum Funcs {
    All,
    Named(String),
    /// Whose hash has these last bits, so many of them, or has not.
    Hashed {
        suffix: u64,
        bits: u32,
        has: bool,
    },
}

/// A switch that means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSwitches(String);

impl std::fmt::Display for BadSwitches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadSwitches {}

/// The hash of a function's name: FNV-1a, mixed once more because its last bits alone are what counts.
pub fn name_hash(name: &str) -> u64 {
    let step = |h: u64, b: u8| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3);
    let h = name.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    (h ^ (h >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}

impl Switches {
    /// From words like `-escape,-inline`, `none` or `-fold@hash=0110`.
    ///
    /// # Errors
    /// A word is none of these, or names a pass that there is not.
    pub fn parse(text: &str) -> Result<Switches, BadSwitches> {
        let words = text.split([',', ' ']).map(str::trim).filter(|w| !w.is_empty());
        Ok(Switches { words: words.map(Word::parse).collect::<Result<_, _>>()? })
    }

    /// Whether a pass runs over a function.
    pub(crate) fn runs(&self, program: &Program, pass: &Pass, f: FuncId) -> bool {
        let by_default = match pass.switch {
            Switch::Always => return true,
            Switch::On => true,
            #[cfg(debug_assertions)]
            Switch::Off => false,
        };
        let fits = |w: &&Word| w.pass.is_none_or(|p| p == pass.name) && w.funcs.has(&program.func(f).name);
        self.words.iter().rfind(fits).map_or(by_default, |w| w.on)
    }

    /// Whether all passes are off that can be.
    pub(crate) fn none(&self) -> bool {
        matches!(self.words[..], [Word { on: false, pass: None, funcs: Funcs::All }])
    }
}

impl Word {
    fn parse(word: &str) -> Result<Word, BadSwitches> {
        let (pass, funcs) = word.split_once('@').map_or((word, None), |(p, f)| (p, Some(f)));
        let funcs = funcs.map_or(Ok(Funcs::All), Funcs::parse)?;
        if pass == "none" {
            return Ok(Word { on: false, pass: None, funcs });
        }
        let (on, name) = match (pass.strip_prefix('-'), pass.strip_prefix('+')) {
            (Some(name), _) => (false, name),
            (_, Some(name)) => (true, name),
            _ => return Err(BadSwitches(format!("{word}: a switch is -pass, +pass or none, and @function behind it"))),
        };
        match names().into_iter().find(|&n| n == name) {
            Some(pass) => Ok(Word { on, pass: Some(pass), funcs }),
            None => Err(BadSwitches(format!("no pass {name}; there are {}", names().join(", ")))),
        }
    }
}

impl Funcs {
    fn parse(text: &str) -> Result<Funcs, BadSwitches> {
        let (digits, has) = match (text.strip_prefix("hash="), text.strip_prefix("hash!=")) {
            (Some(digits), _) => (digits, true),
            (_, Some(digits)) => (digits, false),
            _ => return Ok(Funcs::Named(text.into())),
        };
        match u64::from_str_radix(digits, 2) {
            Ok(suffix) if digits.len() <= 32 => Ok(Funcs::Hashed { suffix, bits: digits.len() as u32, has }),
            _ => Err(BadSwitches(format!("{text}: the last bits of the hash are 1 to 32 digits 0 and 1"))),
        }
    }

    fn has(&self, name: &str) -> bool {
        match self {
            Funcs::All => true,
            Funcs::Named(n) => n == name,
            Funcs::Hashed { suffix, bits, has } => (name_hash(name) & ((1 << bits) - 1) == *suffix) == *has,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CALLS, EARLY, WHOLE};
    use super::*;
    use crate::program::{Context, FuncDecl, FuncKind, Known};

    /// A program of functions with these names.
    fn program(names: &[&str]) -> Program {
        let mut program = Program::default();
        for &name in names {
            program.add_func(FuncDecl {
                name: name.into(),
                kind: FuncKind::Declared,
                params: vec![],
                results: vec![],
                context: Context::None,
                native: None,
                pos: 0,
                variadic: false,
                noinline: false,
                known: Known::No,
            });
        }
        program
    }

    /// In which of two functions `lift` runs.
    fn lifted(text: &str) -> [bool; 2] {
        let (program, switches) = (program(&["main.f", "main.g"]), Switches::parse(text).unwrap());
        [0, 1].map(|f| switches.runs(&program, &EARLY.passes[0], FuncId(f)))
    }

    #[test]
    fn the_last_word_that_fits_decides() {
        assert_eq!(lifted(""), [true, true]);
        assert_eq!(lifted("-lift"), [false, false]);
        assert_eq!(lifted("-fold, none"), [false, false]);
        assert_eq!(lifted("none,+lift"), [true, true]);
        assert_eq!(lifted("-lift +lift@main.g"), [false, true]);
        assert_eq!(lifted("-lift@main.g,-fold"), [true, false]);
        assert_eq!(lifted("none@main.f"), [false, true]);
    }

    #[test]
    fn each_bit_of_a_hash_halves_the_functions() {
        let names: Vec<String> = (0..1000).map(|i| format!("main.f{i}")).collect();
        let program = program(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let off = |text: &str| {
            let switches = Switches::parse(text).unwrap();
            (0..1000).filter(|&f| !switches.runs(&program, &EARLY.passes[0], FuncId(f))).count()
        };
        let (zero, one) = (off("-lift@hash=0"), off("-lift@hash=1"));
        assert_eq!((zero + one, off("-lift@hash!=0")), (1000, one));
        assert!((400..600).contains(&zero), "{zero}");
        assert_eq!(off("-lift@hash=01") + off("-lift@hash=11"), one);
        let bits = format!("{:032b}", name_hash("main.f7"));
        assert_eq!(off(&format!("-lift@hash={bits}")), 1);
    }

    #[test]
    fn what_means_nothing_is_told() {
        let said = |text| Switches::parse(text).unwrap_err().to_string();
        assert!(said("-flod").starts_with("no pass flod; there are lift, fold, dead"), "{}", said("-flod"));
        assert!(said("fold").contains("a switch is"));
        assert!(said("-fold@hash=012").contains("digits"));
        assert!(said("-fold@hash=").contains("digits"));
    }

    #[test]
    fn what_code_cannot_do_without_is_never_off() {
        let (program, none) = (program(&["main.f"]), Switches::parse("none,-merge").unwrap());
        assert!(none.runs(&program, &WHOLE.passes[0], FuncId(0)));
        assert!(!none.runs(&program, &CALLS.passes[0], FuncId(0)));
        assert!(Switches::parse("none").unwrap().none() && !Switches::parse("none,+fold").unwrap().none());
    }
}
