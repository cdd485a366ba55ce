//! What goroutines wait for.

/// Whether, in a bubble of `testing/synctest`, only another goroutine of the bubble or its clock ends a wait.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Durable {
    No,
    Yes,
    /// It is, and its text says so.
    Said,
}

macro_rules! wait_reasons {
    ($($name:ident $text:literal $durable:ident;)*) => {
        /// What a goroutine waits for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum WaitReason {
            $(#[doc = $text] $name,)*
        }

        impl WaitReason {
            /// As tracebacks say it.
            pub fn text(self) -> &'static str {
                match self {
                    $(WaitReason::$name => $text,)*
                }
            }

            fn durable(self) -> Durable {
                match self {
                    $(WaitReason::$name => Durable::$durable,)*
                }
            }
        }
    };
}
wait_reasons! {
    ChanReceive "chan receive" No;
    ChanReceiveBubble "chan receive (durable)" Said;
    ChanReceiveNil "chan receive (nil chan)" Yes;
    ChanSend "chan send" No;
    ChanSendBubble "chan send (durable)" Said;
    ChanSendNil "chan send (nil chan)" Yes;
    Coroutine "coroutine" Yes;
    HostCall "host call" No;
    Idle "system goroutine (idle)" No;
    IoWait "IO wait" No;
    Select "select" No;
    SelectBubble "select (durable)" Said;
    SelectNoCases "select (no cases)" Yes;
    Semacquire "semacquire" No;
    Signal "signal" No;
    Sleep "sleep" Yes;
    SyncCondWait "sync.Cond.Wait" Yes;
    SyncMutexLock "sync.Mutex.Lock" No;
    SyncRWMutexLock "sync.RWMutex.Lock" No;
    SyncRWMutexRLock "sync.RWMutex.RLock" No;
    SyncWaitGroupWait "sync.WaitGroup.Wait" No;
    SyncWaitGroupWaitBubble "sync.WaitGroup.Wait (durable)" Said;
    SynctestRun "synctest.Run" Yes;
    SynctestWait "synctest.Wait" Yes;
    Syscall "syscall" No;
}

impl WaitReason {
    /// Whether, in a bubble of `testing/synctest`, only another goroutine of the bubble or its clock ends the wait.
    pub(crate) fn is_durable(self) -> bool {
        self.durable() != Durable::No
    }

    /// Whether the wait can end before what is waited for has happened: nobody counts those who wait.
    pub(crate) fn can_be_given_up(self) -> bool {
        use WaitReason::*;
        matches!(
            self,
            ChanReceive | ChanReceiveNil | ChanSend | ChanSendNil | HostCall | IoWait | Select | SelectNoCases | Sleep
        )
    }

    /// Whether its text says that.
    pub(crate) fn says_durable(self) -> bool {
        self.durable() == Durable::Said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_say_what_is_durable() {
        assert!(WaitReason::SelectBubble.says_durable() && WaitReason::SelectBubble.text().ends_with("(durable)"));
        assert!(WaitReason::Sleep.is_durable() && !WaitReason::Sleep.says_durable());
        assert!(!WaitReason::Select.is_durable() && !WaitReason::Syscall.is_durable());
    }
}
