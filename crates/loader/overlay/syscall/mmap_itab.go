package syscall

// Few programs map anything, and the functions that make maps take long to compile: the table of what is mapped is made
// with the first mapping.
var mapper = &mmapper{mmap: mmap, munmap: munmap}

// Mmap maps a file or memory.
func Mmap(fd int, offset int64, length int, prot int, flags int) (data []byte, err error) {
	mapper.Lock()
	if mapper.active == nil {
		mapper.active = make(map[*byte][]byte)
	}
	mapper.Unlock()
	return mapper.Mmap(fd, offset, length, prot, flags)
}
