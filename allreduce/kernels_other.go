//go:build !amd64 || purego

package allreduce

func add1(dst, s, a []float32)          { add1Go(dst, s, a) }
func add2(dst, s, a, b []float32)       { add2Go(dst, s, a, b) }
func add4(dst, s, a, b, c, d []float32) { add4Go(dst, s, a, b, c, d) }
func roundAdd(dst, s, a []float32)      { roundAddGo(dst, s, a) }
func round(dst, s []float32)            { roundGo(dst, s) }
func pack(dst []uint16, s []float32)    { packGo(dst, s) }
func unpack(dst []float32, s []uint16)  { unpackGo(dst, s) }

func tallyAdd(dst, s, a []float32, sums *[6]uint32) { tallyAddGo(dst, s, a, sums) }

func stream(dst, s []float32) { copy(dst, s) }
