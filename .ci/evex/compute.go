//go:build linux && amd64

package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"syscall"
	"unsafe"

	"github.com/rondo-ml/rondo/tensor"
)

type vector = [16]uint32

// state is the vector registers of a thread, apart from those that the processor has: nothing in package kernel reads
// one kind through the other.
type state struct {
	z [32]vector
	k [8]uint16
}

// instruction is a decoded one.
type instruction struct {
	space, op, prefix byte
	wide              bool
	mask              int // the mask register, of those of moves and VBLENDMPS; 0 is none
	zeroing           bool
	broadcast         bool // one number of memory for all
	length            int
	reg, left, rm     int // registers; rm is -1 for memory
	immediate         byte
	at                uint64
}

// compute goes on from where a thread stopped, as long as there are instructions that it knows.
func (t *tracer) compute(id int) (bool, error) {
	var r syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(id, &r); err != nil {
		return false, err
	}
	s := t.states[id]
	if s == nil {
		s = &state{}
		t.states[id] = s
	}
	flushes, err := flushes(id)
	if err != nil {
		return false, err
	}
	done := 0
	var code [15 * 16]byte
	n, start := 0, uint64(0)
	for {
		if at := r.Rip - start; at+15 > uint64(n) {
			if n, _ = t.mem.ReadAt(code[:], int64(r.Rip)); n == 0 {
				return false, fmt.Errorf("no code at %#x", r.Rip)
			}
			start = r.Rip
		}
		if length := s.setMask(code[r.Rip-start:n], &r); length > 0 {
			r.Rip += uint64(length)
			done++
			continue
		}
		i, ok := decode(code[r.Rip-start:n], &r)
		if !ok || !t.run(s, i, flushes) {
			break
		}
		r.Rip += uint64(i.length)
		done++
	}
	t.count += done
	if done == 0 {
		return false, nil
	}
	return true, syscall.PtraceSetRegs(id, &r)
}

// flushes tells whether the thread has both FTZ and DAZ set in MXCSR.
func flushes(id int) (bool, error) {
	var area [512]byte
	if _, _, e := syscall.Syscall6(syscall.SYS_PTRACE, syscall.PTRACE_GETFPREGS, uintptr(id), 0,
		uintptr(unsafe.Pointer(&area)), 0, 0); e != 0 {
		return false, e
	}
	return binary.LittleEndian.Uint32(area[24:])&0x8040 == 0x8040, nil
}

// setMask computes KMOVW from a general register, and returns its length if c is that.
func (s *state) setMask(c []byte, r *syscall.PtraceRegs) int {
	switch {
	case len(c) >= 4 && c[0] == 0xc5 && c[1] == 0xf8 && c[2] == 0x92 && c[3]>>6 == 3: // one of the lower eight
		s.k[c[3]>>3&7] = uint16(general(r, int(c[3]&7)))
		return 4
	case len(c) >= 5 && c[0] == 0xc4 && c[1]&0xdf == 0xc1 && c[2] == 0x78 && c[3] == 0x92 && c[4]>>6 == 3:
		s.k[c[4]>>3&7] = uint16(general(r, int(c[4]&7)|int(c[1]>>5&1^1)<<3))
		return 5
	}
	return 0
}

// decode takes an EVEX instruction of 512 bits apart.
func decode(c []byte, r *syscall.PtraceRegs) (i instruction, ok bool) {
	if len(c) < 11 || c[0] != 0x62 || c[1]&8 != 0 || c[2]&4 == 0 || c[3]&0x60 != 0x40 {
		return i, false
	}
	i.mask, i.zeroing, i.broadcast = int(c[3]&7), c[3]&128 != 0, c[3]&16 != 0
	bit := func(b byte, n int) int { return int(b>>n&1) ^ 1 } // register numbers are inverted
	i.space, i.op, i.prefix, i.wide = c[1]&7, c[4], c[2]&3, c[2]&0x80 != 0
	m := c[5]
	i.reg = int(m>>3&7) | bit(c[1], 7)<<3 | bit(c[1], 4)<<4
	i.left = int(^c[2]>>3&15) | bit(c[3], 3)<<4
	i.length = 6
	if m>>6 == 3 {
		i.rm = int(m&7) | bit(c[1], 5)<<3 | bit(c[1], 6)<<4
		i.takeImmediate(c)
		return i, !i.broadcast // which would be a rounding of its own
	}
	i.rm = -1
	base, indexed := int(m&7)|bit(c[1], 5)<<3, uint64(0)
	if m&7 == 4 {
		sib := c[6]
		i.length++
		base = int(sib&7) | bit(c[1], 5)<<3
		if index := int(sib>>3&7) | bit(c[1], 6)<<3; index != 4 {
			indexed = general(r, index) << (sib >> 6)
		}
	}
	displaced := m >> 6
	switch {
	case displaced == 0 && m&7 == 5: // relative to the next instruction
		displaced = 2
		i.at = r.Rip + uint64(i.length+4+i.immediates())
	case displaced == 0 && base&7 == 5:
		return i, false // no base
	default:
		i.at = general(r, base) + indexed
	}
	switch displaced {
	case 1:
		i.at += uint64(int64(int8(c[i.length])) * i.scale())
		i.length++
	case 2:
		i.at += uint64(int64(int32(binary.LittleEndian.Uint32(c[i.length:]))))
		i.length += 4
	}
	i.takeImmediate(c)
	return i, true
}

// immediates is how many bytes follow the operands.
func (i *instruction) immediates() int {
	if i.space == 1 && (i.op == 0xc2 || i.op == 0x72) { // VCMPPS, shifts
		return 1
	}
	return 0
}

func (i *instruction) takeImmediate(c []byte) {
	if i.immediates() > 0 {
		i.immediate = c[i.length]
		i.length++
	}
}

// scale is what a displacement of a byte counts.
func (i *instruction) scale() int64 {
	switch {
	case i.broadcast || i.space == 2 && i.op == 0x18:
		return 4
	case i.space == 1 && i.op == 0x5a: // VCVTPS2PD
		return 32
	}
	return 64
}

// general is a general register.
func general(r *syscall.PtraceRegs, n int) uint64 {
	return [...]uint64{r.Rax, r.Rcx, r.Rdx, r.Rbx, r.Rsp, r.Rbp, r.Rsi, r.Rdi,
		r.R8, r.R9, r.R10, r.R11, r.R12, r.R13, r.R14, r.R15}[n]
}

// run computes an instruction, unless it does not know it or its memory is not there.
func (t *tracer) run(s *state, i instruction, flushes bool) bool {
	dst := &s.z[i.reg]
	is := [3]byte{i.space, i.prefix, i.op}
	if i.mask != 0 && !masking[is] {
		return false
	}
	switch is {
	case [3]byte{1, 0, 0x10}, [3]byte{1, 1, 0x10}, [3]byte{1, 0, 0x28}: // VMOVUPS, VMOVUPD, VMOVAPS to a register
		return t.move(s, i)
	case [3]byte{1, 0, 0x11}, [3]byte{1, 1, 0x11}, [3]byte{1, 0, 0x29}: // from a register
		if i.rm >= 0 {
			i.reg, i.rm = i.rm, i.reg
			return t.move(s, i)
		}
		return t.store(s, i)
	case [3]byte{2, 1, 0x18}: // VBROADCASTSS
		v, ok := t.load(s, i, 4)
		if ok {
			for n := range dst {
				dst[n] = v[0]
			}
		}
		return ok
	case [3]byte{1, 1, 0xef}: // VPXORD, VPXORQ
		v, ok := t.load(s, i, 64)
		for n := range dst {
			dst[n] = s.z[i.left][n] ^ v[n]
		}
		return ok
	case [3]byte{1, 0, 0x58}: // VADDPS
		if !flushes {
			return t.elementwise(s, i, is)
		}
		v, ok := t.load(s, i, 64)
		if !ok || i.wide {
			return false
		}
		const one = 0x3f800000
		for n, w := range s.z[i.left] {
			dst[n] = fma(w, one, v[n], flushes)
		}
		return true
	case [3]byte{2, 1, 0xb8}: // VFMADD231PS
		if i.wide {
			return t.elementwise(s, i, is)
		}
		v, ok := t.load(s, i, 64)
		if !ok {
			return false
		}
		for n, w := range s.z[i.left] {
			dst[n] = fma(w, v[n], dst[n], flushes)
		}
		return true
	case [3]byte{2, 2, 0x52}: // VDPBF16PS
		v, ok := t.load(s, i, 64)
		if !ok || i.wide {
			return false
		}
		for n, w := range s.z[i.left] {
			dst[n] = fma(w&^0xffff, v[n]&^0xffff, dst[n], true)
			dst[n] = fma(w<<16, v[n]<<16, dst[n], true)
		}
		return true
	}
	return !flushes && t.elementwise(s, i, is)
}

// masked tells which values i is about.
func (s *state) masked(i instruction) uint16 {
	if i.mask == 0 {
		return 1<<16 - 1
	}
	return s.k[i.mask]
}

// move is VMOVUPS to a register. Memory under a mask is read up to the last value that is needed.
func (t *tracer) move(s *state, i instruction) bool {
	some := s.masked(i)
	v, ok := t.load(s, i, 4*bits.Len16(some))
	if !ok {
		return false
	}
	for n := range v {
		switch {
		case some>>n&1 != 0:
			s.z[i.reg][n] = v[n]
		case i.zeroing:
			s.z[i.reg][n] = 0
		}
	}
	return true
}

// store is VMOVUPS to memory.
func (t *tracer) store(s *state, i instruction) bool {
	some := s.masked(i)
	var b [64]byte
	for n, w := range s.z[i.reg] {
		binary.LittleEndian.PutUint32(b[4*n:], w)
	}
	for n := 0; n < 16; {
		n += bits.TrailingZeros16(some >> n)
		run := bits.TrailingZeros16(^(some >> n))
		if _, err := t.mem.WriteAt(b[4*min(n, 16):][:4*run], int64(i.at)+int64(4*n)); err != nil {
			return false
		}
		n += run
	}
	return true
}

// load is the operand that may lie in memory.
func (t *tracer) load(s *state, i instruction, size int) (v vector, ok bool) {
	if i.rm >= 0 {
		return s.z[i.rm], true
	}
	if i.broadcast {
		size = 4
	}
	var b [64]byte
	if _, err := t.mem.ReadAt(b[:size], int64(i.at)); err != nil {
		return v, false
	}
	for n := range v {
		v[n] = binary.LittleEndian.Uint32(b[4*n:])
		if i.broadcast {
			v[n] = v[0]
		}
	}
	return v, true
}

// fma is x*y + z on the bits of float32 values. Where it flushes, subnormal operands are zeros, and so is a result that
// is subnormal when rounded to 24 bits.
func fma(x, y, z uint32, flushes bool) uint32 {
	if !flushes {
		return math.Float32bits(tensor.FMA32(math.Float32frombits(x), math.Float32frombits(y), math.Float32frombits(z)))
	}
	normal := func(b uint32) float32 {
		if b&0x7f800000 == 0 {
			b &= 1 << 31
		}
		return math.Float32frombits(b)
	}
	a, b, c := normal(x), normal(y), normal(z)
	r := tensor.FMA32(a, b, c)
	if r == 0 && (a == 0 || b == 0) || r > 0x1p-126 || r < -0x1p-126 || r != r {
		return math.Float32bits(r)
	}
	exact := func(v float32) *big.Float { return new(big.Float).SetPrec(800).SetFloat64(float64(v)) }
	sum := exact(a)
	sum.Mul(sum, exact(b)).Add(sum, exact(c))
	if sum.Sign() == 0 {
		return math.Float32bits(r)
	}
	if f, _ := new(big.Float).SetPrec(24).Set(sum).Float64(); math.Abs(f) < 0x1p-126 {
		r = float32(math.Copysign(0, f))
	}
	return math.Float32bits(r)
}
