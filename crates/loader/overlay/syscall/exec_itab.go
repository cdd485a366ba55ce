package syscall

import "unsafe"

// A request is what the engine needs to know to start a process. No Go code runs between fork and exec.
type request struct {
	argv0, chroot, dir                           *byte
	argv, envv                                   **byte
	files                                        []int
	pipe                                         int
	credential                                   *Credential
	pgid, ctty, pdeathsig                        int
	setsid, setpgid, setctty, noctty, foreground bool
}

// startRequested forks and executes.
func startRequested(r *request) (pid int, err Errno)

func forkAndExecInChild(argv0 *byte, argv, envv []*byte, chroot, dir *byte, attr *ProcAttr, sys *SysProcAttr, pipe int) (pid int, err Errno) {
	if sys.Ptrace || sys.Cloneflags != 0 || sys.Unshareflags != 0 || sys.UseCgroupFD || len(sys.AmbientCaps) != 0 ||
		sys.UidMappings != nil || sys.GidMappings != nil {
		return 0, ENOSYS
	}
	files := make([]int, len(attr.Files))
	for i, f := range attr.Files {
		files[i] = int(f)
	}
	if sys.PidFD != nil {
		*sys.PidFD = -1
	}
	return startRequested(&request{
		argv0: argv0, chroot: chroot, dir: dir, argv: unsafe.SliceData(argv), envv: unsafe.SliceData(envv),
		files: files, pipe: pipe, credential: sys.Credential, pgid: sys.Pgid, ctty: sys.Ctty,
		pdeathsig: int(sys.Pdeathsig), setsid: sys.Setsid, setpgid: sys.Setpgid, setctty: sys.Setctty,
		noctty: sys.Noctty, foreground: sys.Foreground,
	})
}
