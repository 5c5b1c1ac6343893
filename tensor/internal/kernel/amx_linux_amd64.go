//go:build !purego

package kernel

import (
	"sync"
	"syscall"

	"golang.org/x/sys/cpu"
)

// hasAMX tells whether the processor multiplies tiles of bfloat16, and the kernel lets us: it asks once.
var hasAMX = sync.OnceValue(func() bool {
	if x := &cpu.X86; !Available(AVX512) || !x.HasAMXTile || !x.HasAMXBF16 {
		return false
	}
	const requestPermission, tileData = 0x1023, 18 // ARCH_REQ_XCOMP_PERM and XFEATURE_XTILEDATA
	_, _, errno := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, requestPermission, tileData, 0)
	return errno == 0
})
