package tensor

import "testing"

func TestSmoke(t *testing.T) {
	p := NewPool(3)
	defer p.Close()
	const m, k, n = 37, 300, 45
	a, b, c, want := NewMatrix(m, k), NewMatrix(k, n), NewMatrix(m, n), NewMatrix(m, n)
	for i := range a.Data {
		a.Data[i] = Uniform([2]uint32{1}, [4]uint32{uint32(i)}) - 0.5
	}
	for i := range b.Data {
		b.Data[i] = Uniform([2]uint32{2}, [4]uint32{uint32(i)}) - 0.5
	}
	for i := range m {
		for j := range n {
			for q := range k {
				want.Row(i)[j] = FMA32(a.Row(i)[q], b.Row(q)[j], want.Row(i)[j])
			}
		}
	}
	var pb Panels
	pb.Pack(p, b)
	p.MatMulAdd(c, a, &pb)
	for i := range c.Data {
		if c.Data[i] != want.Data[i] {
			t.Fatal(i, c.Data[i], want.Data[i])
		}
	}
	// c = (aT)T b
	at := NewMatrix(k, m)
	for i := range m {
		for q := range k {
			at.Row(q)[i] = a.Row(i)[q]
		}
	}
	clear(c.Data)
	p.MatMulTransAdd(c, AllRows(at), AllRows(b))
	for i := range c.Data {
		if c.Data[i] != want.Data[i] {
			t.Fatal(i, c.Data[i], want.Data[i])
		}
	}
}
