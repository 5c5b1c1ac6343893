package tensor

import (
	"sync"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// call is the operands of one kernel, kept in the Pool so that sharing it out allocates nothing.
type call struct {
	do         task
	c          Matrix
	a, b       Blocks
	panels     *Panels
	dst        []float32
	sums       []float64
	alpha      float32
	conv       convCall
	gradient   gradientCall
	norm       normCall
	pooling    poolCall
	bins       binsCall
	unpool     unpoolCall
	resampling resampleCall
	rows       rowNormCall
	byCols     bool          // units are columns (or panels) instead of rows
	layout     kernel.Layout // of a transposed product's operands
	fresh      bool          // chains start from dst, or zero, instead of from c
	beside     Target
}

// task names what to do with a call's operands. It is no function value, which would move the call to the
// heap.
type task uint8

const (
	doNothing task = iota
	doPack
	doPackTransposed
	doMatMul
	doTrans
	doColumnSums
	doSumSquares
	doScale
	doPackConv
	doConvByPixels
	doWeightsViaPacked
	doConvByChannels
	doRound
	doWeightsViaDepthwise
	doWeightsViaInPlace
	doWeightsViaJoined
	doWeightsViaStrips
	doMoments
	doNorm
	doNormSums
	doNormBack
	doFoldNorm
	doMaxPool
	doMaxPoolBack
	doAvgPool
	doAvgPoolBack
	doMaxBins
	doMaxBinsBack
	doUnpool
	doUnpoolBack
	doResample
	doConvByImages
	doConvByGroups
	doConvGroupByGroup
	doWeightsViaGroups
	doConvBySquares
	doWeightsViaTransforms
	doRowNorm
	doRowNormBack
)

// run computes units [lo, hi).
func (k *call) run(lo, hi int) {
	switch k.do {
	case doPack:
		packPanels(k, lo, hi)
	case doPackTransposed:
		packTransposedPanels(k, lo, hi)
	case doMatMul:
		matMulUnits(k, lo, hi)
	case doTrans:
		transUnits(k, lo, hi)
	case doColumnSums:
		columnSums(k, lo, hi)
	case doSumSquares:
		sumBlocks(k, lo, hi)
	case doScale:
		kernel.Scale(k.dst[lo:hi], k.dst[lo:hi], k.alpha)
	case doPackConv:
		packConvPanels(k, lo, hi)
	case doConvByPixels:
		runByPixels(k, lo, hi)
	case doConvByImages:
		runByImages(k, lo, hi)
	case doWeightsViaPacked:
		runViaPacked(k, lo, hi)
	case doRound:
		roundRows(k, lo, hi)
	case doConvByChannels:
		runByChannels(k, lo, hi)
	case doWeightsViaDepthwise:
		runViaDepthwise(k, lo, hi)
	case doWeightsViaInPlace:
		runViaInPlace(k, lo, hi)
	case doWeightsViaJoined:
		runViaJoined(k, lo, hi)
	case doWeightsViaStrips:
		runViaStrips(k, lo, hi)
	case doMoments, doNorm, doNormSums, doNormBack:
		normUnits(k, lo, hi)
	case doFoldNorm:
		foldColumns(k, lo, hi)
	case doMaxPool, doMaxPoolBack, doAvgPool, doAvgPoolBack:
		poolUnits(k, lo, hi)
	case doRowNorm:
		rowNorms(k, lo, hi)
	case doRowNormBack:
		rowNormsBack(k, lo, hi)
	case doMaxBins, doMaxBinsBack:
		binUnits(k, lo, hi)
	case doUnpool, doUnpoolBack:
		unpoolImages(k, lo, hi)
	case doResample:
		resampleRows(k, lo, hi)
	case doConvByGroups:
		runByGroups(k, lo, hi)
	case doConvGroupByGroup:
		runGroupByGroup(k, lo, hi)
	case doWeightsViaGroups:
		runViaGroups(k, lo, hi)
	case doConvBySquares:
		runBySquares(k, lo, hi)
	case doWeightsViaTransforms:
		runViaTransforms(k, lo, hi)
	}
}

// kernelWork is how many multiply-adds (or as many bytes moved) repay waking a goroutine.
const kernelWork = 1 << 17

// grainFor is the least number of units worth a goroutine when each costs work.
func grainFor(work int) int { return max(1, kernelWork/max(1, work)) }

// share runs k over units [0, n), in this goroutine alone where the pool has no other.
func (k *call) share(pool *Pool, n, unitWork int) {
	if pool.Size() == 1 {
		c := takeCall()
		*c = *k
		c.run(0, n)
		c.release()
		return
	}
	pool.begin()
	defer pool.end()
	pool.call = *k
	pool.share(n, grainFor(unitWork), pool.runCall)
}

// calls are those not in use, for pools of one, which any number of goroutines may share. As with scratches there
// are never more than ran at once.
var calls struct {
	sync.Mutex
	free []*call
}

func takeCall() *call {
	calls.Lock()
	defer calls.Unlock()
	if n := len(calls.free); n > 0 {
		c := calls.free[n-1]
		calls.free = calls.free[:n-1]
		return c
	}
	return new(call)
}

// release lets others take k.
func (k *call) release() {
	*k = call{}
	calls.Lock()
	defer calls.Unlock()
	calls.free = append(calls.free, k)
}
