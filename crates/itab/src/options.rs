//! What an isolate may do and what it starts with, each by a method of its own.

use crate::error::Error;
use crate::files::Files;
use crate::state::States;
use itab_runtime::sched::gateway::Gateway;
use itab_runtime::sched::gateway::descriptor::Descriptor;
use itab_runtime::sched::gateway::hosts::HostPattern;
use itab_runtime::sched::gateway::rights::{Capabilities, Folder, clean};
use itab_runtime::sched::gateway::sources::{Clock, Random};
use itab_runtime::sched::isolate::Options as RtOptions;
use itab_runtime::std::syscall::table::TABLE;
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

/// A system call that isolates can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystemCall {
    /// Its number on this machine.
    pub number: i64,
    /// Its name, as `SYS_openat`.
    pub name: &'static str,
    /// What it needs, in words.
    pub needs: &'static str,
}

/// All system calls that an isolate without all rights can make, and what each needs. Every other fails with `EPERM`.
///
/// ```
/// assert!(itab::system_calls().any(|call| call.name == "SYS_openat" && call.needs.contains("below the folder")));
/// assert!(itab::system_calls().all(|call| call.name != "SYS_mmap"));
/// ```
pub fn system_calls() -> impl Iterator<Item = SystemCall> {
    TABLE.iter().map(|e| SystemCall { number: e.number, name: e.name, needs: e.needs.describe() })
}

/// What an isolate may do and what it starts with. The default is for embedding: no arguments, no environment, no rights
/// but the host's standard output and error.
///
/// Rights are granted one by one. What is not granted fails in Go as the system would refuse it: with an error that
/// `errors.Is(err, fs.ErrPermission)` recognises, and nothing else happens. A grant that makes no sense (a folder that is
/// not there) is the error of [`Program::isolate_with`](crate::Program::isolate_with).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let engine = itab::Engine::builder().file("m.go", "package main\nfunc main() {}").build();
/// # let program = engine.load(&["m.go"])?;
/// use std::time::Duration;
/// let options = itab::IsolateOptions::default()
///     .read_below("/usr/share")
///     .write_below(std::env::temp_dir())
///     .connect_to("api.example.com:443")
///     .run_program("/bin/true")
///     .env("HOME", "/nonexistent")
///     .memory_limit(64 << 20)
///     .goroutine_limit(1_000)
///     .call_deadline(Duration::from_secs(2));
/// program.isolate_with(options)?.run_main()?;
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct IsolateOptions {
    pub(crate) rt: RtOptions,
    pub(crate) states: States,
    /// The first grant that makes no sense.
    wrong: Option<String>,
}

impl IsolateOptions {
    /// Everything that a command has: arguments, this process's environment and all rights; large stacks.
    ///
    /// Such an isolate uses the process's own descriptors, files and network: grants of folders and hosts add nothing, and
    /// it does not see what is mounted.
    pub fn command_line(args: impl IntoIterator<Item = String>) -> IsolateOptions {
        let mut options = IsolateOptions::default();
        options.rt.args = args.into_iter().collect();
        options.rt.env =
            std::env::vars_os().map(|(k, v)| format!("{}={}", k.to_string_lossy(), v.to_string_lossy())).collect();
        options.rt.grants.capabilities = Capabilities::everything();
        options.rt.grants.stdio = Gateway::process_stdio();
        options.rt.main_stack = 1 << 30;
        options.rt.goroutine_stack = 64 << 20;
        options
    }

    fn rights(&mut self) -> &mut Capabilities {
        &mut self.rt.grants.capabilities
    }

    /// Does what may fail; the first failure is kept.
    fn try_to(mut self, what: &str, f: impl FnOnce(&mut IsolateOptions) -> Result<(), String>) -> IsolateOptions {
        if let Err(why) = f(&mut self) {
            self.wrong.get_or_insert(format!("{what}: {why}"));
        }
        self
    }

    /// What the runtime gets, if all grants make sense, and there is the one that the program needs for what it `forges`.
    pub(crate) fn checked(self, forges: Option<&str>) -> Result<(RtOptions, States), Error> {
        if let Some(why) = self.wrong {
            return Err(Error::Options(why));
        }
        match forges {
            Some(what) if !self.rt.grants.capabilities.unsafe_pointers => Err(Error::Unsafe(what.into())),
            _ => Ok((self.rt, self.states)),
        }
    }

    /// Lets Go code read files and list folders below a folder.
    ///
    /// The folder is opened now: what gets its name later is not meant. Below it names are resolved so that neither `..`
    /// nor symbolic links nor folders that are moved meanwhile lead out of it; symbolic links to absolute names are taken
    /// to lead out. In names that Go code gives, `..` is taken out by the text, as `filepath.Clean` does.
    pub fn read_below(self, folder: impl AsRef<Path>) -> IsolateOptions {
        let folder = folder.as_ref();
        self.try_to(&format!("read_below {}", folder.display()), |o| {
            let granted = Folder::open(folder).map_err(|e| e.to_string())?;
            o.rights().read.push(granted);
            Ok(())
        })
    }

    /// Lets Go code create, change and remove files below a folder, and ask what is there by name; not read or list them.
    ///
    /// What is renamed or linked may not come to where more is allowed than where it was. Symbolic links that lead out of
    /// the folder cannot be made.
    pub fn write_below(self, folder: impl AsRef<Path>) -> IsolateOptions {
        let folder = folder.as_ref();
        self.try_to(&format!("write_below {}", folder.display()), |o| {
            let granted = Folder::open(folder).map_err(|e| e.to_string())?;
            o.rights().write.push(granted);
            Ok(())
        })
    }

    /// Where relative names of files start: `os.Getwd`. Without it that is where the process is. It grants nothing.
    pub fn working_folder(mut self, folder: impl AsRef<Path>) -> IsolateOptions {
        self.rt.grants.folder = Some(clean(folder.as_ref()));
        self
    }

    /// Has a file system of the host stand below a name: see [`files`](crate::files). Go code may do there what the file
    /// system does.
    ///
    /// ```
    /// use itab::files::{MemoryFiles, Overlay};
    /// let options = itab::IsolateOptions::default()
    ///     .mount("/templates", Overlay::on_folder("/usr/share").expect("a folder"))
    ///     .mount("/tmp", MemoryFiles::new());
    /// # drop(options);
    /// ```
    pub fn mount(mut self, name: impl AsRef<Path>, files: impl Files + 'static) -> IsolateOptions {
        self.rt.grants.mounts.push((clean(name.as_ref()), Box::new(files)));
        self
    }

    /// Lets Go code connect, and send datagrams, to `host:port`. The host is an address, a network (`10.0.0.0/8`), a name
    /// or `*`, the port a number or `*`; an IPv6 address stands in brackets.
    ///
    /// What counts is the address that the connection really gets. Names are resolved by the host's resolver, outside of
    /// Go code, when Go code looks them up: to it, `/etc/hosts` is a list of the granted names. Name servers are asked by
    /// Go code only if connecting to them is granted, too.
    ///
    /// ```
    /// let options = itab::IsolateOptions::default().connect_to("db.internal:5432").connect_to("10.1.0.0/16:*");
    /// # drop(options);
    /// ```
    pub fn connect_to(self, pattern: &str) -> IsolateOptions {
        self.try_to("connect_to", |o| {
            let pattern: HostPattern = pattern.parse()?;
            o.rights().connect.push(pattern);
            Ok(())
        })
    }

    /// Lets Go code listen, and receive datagrams, on `address:port`, as in [`IsolateOptions::connect_to`]. All addresses of
    /// the machine are granted by `0.0.0.0`, `[::]` or `*`; port 0 is any free one.
    pub fn listen_on(self, pattern: &str) -> IsolateOptions {
        self.try_to("listen_on", |o| {
            let pattern: HostPattern = pattern.parse()?;
            o.rights().listen.push(pattern);
            Ok(())
        })
    }

    /// Lets the program's own packages, and those that it imports from elsewhere than the standard library, import package
    /// unsafe, link to functions of the runtime and make system calls by number.
    ///
    /// With it Go code can read and change all memory of the process, so all that is not granted here is only asked for.
    pub fn allow_unsafe(mut self) -> IsolateOptions {
        self.rights().unsafe_pointers = true;
        self
    }

    /// Lets Go code start a program, by its absolute name, with any arguments, and wait for it and signal it.
    ///
    /// The program itself has all rights of this process: grant none that does what its arguments say. No Go code runs
    /// between fork and exec.
    pub fn run_program(self, program: impl AsRef<Path>) -> IsolateOptions {
        let program = program.as_ref();
        self.try_to(&format!("run_program {}", program.display()), |o| {
            if !program.is_absolute() {
                return Err("the name of a program has to be absolute".into());
            }
            o.rights().run.push(program.into());
            Ok(())
        })
    }

    /// Adds a variable to the environment that Go code has, which is empty without.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> IsolateOptions {
        let prefix = format!("{name}=");
        self.rt.env.retain(|v| !v.starts_with(&prefix));
        self.rt.env.push(prefix + &value.as_ref().to_string_lossy());
        self
    }

    /// Adds variables of this process's environment, by name, as far as it has them.
    ///
    /// ```
    /// let options = itab::IsolateOptions::default().env_of_process(["PATH", "LANG"]);
    /// # drop(options);
    /// ```
    pub fn env_of_process<'n>(self, names: impl IntoIterator<Item = &'n str>) -> IsolateOptions {
        let add = |options: IsolateOptions, name| match std::env::var_os(name) {
            Some(value) => options.env(name, value),
            None => options,
        };
        names.into_iter().fold(self, add)
    }

    /// `os.Args`.
    pub fn args(mut self, args: impl IntoIterator<Item = String>) -> IsolateOptions {
        self.rt.args = args.into_iter().collect();
        self
    }

    /// A clock in place of the system's: `time.Now`, timers and `time.Sleep` go by it.
    ///
    /// With a [random source](IsolateOptions::random) too, what the program does depends on its input alone. For that,
    /// goroutines then run until they wait or call `runtime.Gosched`.
    ///
    /// ```
    /// use itab::{Clock, IsolateOptions};
    /// use std::time::{Duration, SystemTime};
    ///
    /// /// Time that passes only while all wait.
    /// struct Simulated(Duration);
    ///
    /// impl Clock for Simulated {
    ///     fn now(&mut self) -> SystemTime { SystemTime::UNIX_EPOCH + self.0 }
    ///     fn monotonic(&mut self) -> Duration { self.0 }
    ///     fn idle(&mut self, until: Duration) { self.0 = self.0.max(until) }
    /// }
    ///
    /// let options = IsolateOptions::default().clock(Simulated(Duration::from_secs(1))).random(|b: &mut [u8]| b.fill(7));
    /// # drop(options);
    /// ```
    pub fn clock(mut self, clock: impl Clock + 'static) -> IsolateOptions {
        self.rt.grants.clock = Some(Box::new(clock));
        self
    }

    /// A source of random bytes in place of the system's: for `crypto/rand`, and as the seed of `math/rand`, of the order
    /// of maps and of `select`.
    pub fn random(mut self, random: impl Random + 'static) -> IsolateOptions {
        self.rt.grants.random = Some(Box::new(random));
        self
    }

    /// The most goroutines at a time, that of the host's call included. With one more the isolate ends with
    /// [`Error::Goroutines`].
    pub fn goroutine_limit(mut self, most: usize) -> IsolateOptions {
        self.rt.limits.goroutines = Some(most);
        self
    }

    /// The most processor time that the isolate's thread uses while it runs the isolate, over all calls; then it ends with
    /// [`Error::CpuTime`]. What it waits does not count.
    pub fn cpu_limit(mut self, most: Duration) -> IsolateOptions {
        self.rt.limits.cpu = Some(most);
        self
    }

    /// The longest that a call of the host takes, what it waits included; then the isolate ends with [`Error::Deadline`].
    /// [`Isolate::set_call_deadline`](crate::Isolate::set_call_deadline) changes it.
    pub fn call_deadline(mut self, most: Duration) -> IsolateOptions {
        self.rt.limits.call = Some(most);
        self
    }

    /// Switches that make errors of the collector show at once, as `name=value` separated by commas: `gcstress=N` (collect
    /// at every Nth allocation that leaves compiled code, less often as it costs more than some seconds, and let every
    /// allocation leave it), `clobberfree=1` (overwrite what is freed), `gccheck=1` (verify every marking).
    ///
    /// # Errors
    /// Names the switch that is unknown or has a wrong value.
    pub fn debug(mut self, switches: &str) -> Result<IsolateOptions, String> {
        let debug = &mut self.rt.heap.debug;
        for switch in switches.split(',').filter(|s| !s.is_empty()) {
            let (name, value) = switch.split_once('=').unwrap_or((switch, "1"));
            let value: u64 = value.parse().map_err(|_| format!("debug switch {switch}: {value} is not a number"))?;
            match name {
                "gcstress" => {
                    debug.stress_every = value;
                    debug.stress_budget = Duration::from_secs(2);
                    debug.no_cells = value > 0;
                    debug.clobberfree |= value > 0;
                }
                "clobberfree" => debug.clobberfree = value > 0,
                "gccheck" => debug.gccheck = value > 0,
                _ => {
                    return Err(format!("debug switch {name} is unknown: there are gcstress, clobberfree and gccheck"));
                }
            }
        }
        Ok(self)
    }

    /// Where standard input comes from, and where output of `print` and standard output and error go. Without it there is no
    /// input, and output is the process's.
    pub fn stdio(mut self, stdio: [Descriptor; 3]) -> IsolateOptions {
        self.rt.grants.stdio = stdio;
        self
    }

    /// Most bytes of memory: heap, stacks and what the program makes while it runs.
    pub fn memory_limit(mut self, bytes: usize) -> IsolateOptions {
        self.rt.heap.limit = bytes;
        self
    }

    /// What functions of host packages that take a `&S` or `&mut S` get in this isolate. There is one value of each type.
    ///
    /// ```
    /// #[itab::package("host/count")]
    /// mod count {
    ///     pub fn next(last: &mut u64) -> u64 {
    ///         *last += 1;
    ///         *last
    ///     }
    /// }
    ///
    /// # fn main() -> itab::Result<()> {
    /// let source = "package main\nimport \"host/count\"\nfunc Twice() uint64 { count.Next(); return count.Next() }";
    /// let engine = itab::Engine::builder().file("a.go", source).package(count::package()).build();
    /// let mut isolate = engine.load(&["a.go"])?.isolate_with(itab::IsolateOptions::default().state(40_u64))?;
    /// assert_eq!(isolate.func::<fn() -> u64>("Twice")?.call(&mut isolate)?, 42);
    /// assert_eq!(*isolate.state::<u64>()?, 42);
    /// # Ok(())
    /// # }
    /// ```
    pub fn state<S: Send + 'static>(mut self, value: S) -> IsolateOptions {
        self.states.insert(value);
        self
    }

    /// How long Go may run in one poll of a [`Calling`](crate::Calling) and the like, before the thread is given back: 5 ms
    /// if nothing is said. A slice may last up to 10 ms, or twice its length if that is less.
    pub fn time_slice(mut self, slice: Duration) -> IsolateOptions {
        self.rt.slice = slice;
        self
    }

    /// Size of a goroutine's stack, in bytes of address space; at least half a megabyte. What is used of it counts against
    /// the memory limit.
    pub fn goroutine_stack(mut self, bytes: usize) -> IsolateOptions {
        self.rt.goroutine_stack = bytes;
        self
    }

    /// Size of the stack that a call of the host runs on, in bytes of address space; at least half a megabyte. What is
    /// used of it counts against the memory limit.
    pub fn main_stack(mut self, bytes: usize) -> IsolateOptions {
        self.rt.main_stack = bytes;
        self
    }
}
