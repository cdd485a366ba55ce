package syscall

import _ "unsafe"

//go:linkname environChanged runtime.environChanged
func environChanged(key, value string)

func runtimeSetenv(k, v string) { environChanged(k, v) }

func runtimeUnsetenv(k string) { environChanged(k, "") }
