package tensor

import "github.com/rondo-ml/rondo/tensor/internal/kernel"

// The path by pixels for convolutions of several groups. The inputs of a group lie between those of the others, so that a
// tile could take but one tap at a time: with few channels it would spend its time on loading and storing its sums. Here a
// group's inputs are copied together first, some images at a time. Then the inputs under a row of taps are one stretch, and a
// tile takes all taps at once.

const (
	// gatheredChannels is the most input channels of a group that are worth copying together: with more of them, a tap alone
	// keeps a tile busy.
	gatheredChannels = 64
	// gatheredPixels is how many pixels of a group are copied together, rounded up to whole images. Those of the widest
	// group are 256 KB.
	gatheredPixels = 1024
)

// gathersGroups tells whether k is computed group by group.
func (k *convCall) gathersGroups() bool {
	r := k.w.route()
	return r.groups > 1 && r.cin <= gatheredChannels && r.kw > 1 && r.x.step == 1 &&
		k.w.layout == kernel.Plain && k.w.on.HasVectors()
}

// imagesTogether is how many images of a group are copied together.
func (k *convCall) imagesTogether() int {
	pixels := k.w.route().inH * k.w.route().inW
	return min(k.n, (gatheredPixels+pixels-1)/pixels)
}

// convGroupByGroup shares out the groups of every few images.
func (p *Pool) convGroupByGroup(k convCall) {
	r, most := k.w.route(), k.imagesTogether()
	job := call{do: doConvGroupByGroup, conv: k}
	job.share(p, (k.n+most-1)/most*r.groups, r.cost(most)*r.cin*r.cout)
}

// runGroupByGroup computes units [lo, hi): [images, group].
func runGroupByGroup(k *call, lo, hi int) {
	s := takeImageScratch()
	defer s.release()
	r, most, panels := k.conv.w.route(), k.conv.imagesTogether(), k.conv.w.panels()
	in, out := r.inH*r.inW, r.outH*r.outW
	s.x = sized(s.x, most*in*r.cin)
	part := k.conv
	g := gatherer{convCall: &part, r: r, norm: &k.norm, alone: true}
	for unit := lo; unit < hi; unit++ {
		at, group := unit/r.groups*most, unit%r.groups
		end := min(at+most, k.conv.n)
		part.n, part.x = end-at, Of(s.x[:(end-at)*in*r.cin], (end-at)*in, r.cin)
		part.y = k.conv.y.Slice(at*out, end*out)
		x := &k.conv.x
		kernel.PackColumn(s.x, x.Data[at*in*x.Stride+group*r.cin:], part.n*in, r.cin, x.Stride)
		g.lo, g.hi = 0, r.cost(part.n)
		g.panels(group*panels, (group+1)*panels)
	}
}
