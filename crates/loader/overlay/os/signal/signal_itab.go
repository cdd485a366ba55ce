package signal

// Signals are the host's: none is ever delivered to Go code.

func signal_disable(uint32) {}

func signal_enable(uint32) {}

func signal_ignore(uint32) {}

func signal_ignored(uint32) bool { return false }

func signal_recv() uint32 { select {} }

func signalWaitUntilIdle() {}
