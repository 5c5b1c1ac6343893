package search

import (
	"math"

	"github.com/rondo-ml/rondo/nn/portable"
	"github.com/rondo-ml/rondo/tensor"
)

// Controllers are the kinds of controllers.
var Controllers = []string{"policy", "random"}

// Teaching says how a policy learns.
type Teaching struct {
	Rate    float64 // of the ascent. More: fewer children until one cell is preferred, and less chance that it is the best
	Entropy float64 // weight of the policy's entropy: keeps what has been drawn seldom in play
	Memory  float64 // of the moving averages of rewards and of their squared distance, in [0, 1)
}

// Controller draws the choices of children. Its policy is a table: a softmax of logits of its own for every decision, so
// no decision depends on another. It begins with equal chances, and a random controller stays there.
//
// A policy follows REINFORCE with the baseline b, a moving average of the rewards r, whose distances it divides by
// their own size s, so that the rate fits rewards of any scale:
//
//	logits += rate · ∇( (r - b)/s · log P(choice) + entropy · H(P) )
type Controller struct {
	Baseline, Spread float64 // b, and s²
	Logits           [][]float64

	seed     uint64
	random   bool
	teaching Teaching
	rewards  int
}

// drawing tells the controller's draws from others under the same seed.
const drawing = 0x73656172

// NewController returns a controller of decisions of so many ways.
func NewController(ways []int, seed uint64, random bool, t Teaching) *Controller {
	c := &Controller{seed: seed, random: random, teaching: t}
	for _, n := range ways {
		c.Logits = append(c.Logits, make([]float64, n))
	}
	return c
}

// Draw is the choice of a child. It depends on the child's number and what has been learnt, and on nothing else.
func (c *Controller) Draw(child int) []int {
	key := [2]uint32{uint32(c.seed), uint32(c.seed >> 32)}
	choice := make([]int, len(c.Logits))
	for i, logits := range c.Logits {
		u := float64(tensor.Uniform(key, [4]uint32{uint32(child), uint32(i), 0, drawing}))
		choice[i] = pick(softmax(logits), u)
	}
	return choice
}

// pick is the first way at which the sum of the chances is above u.
func pick(chances []float64, u float64) int {
	sum := 0.0
	for k, p := range chances {
		if sum += p; u < sum {
			return k
		}
	}
	return len(chances) - 1 // they may sum to a little less than one
}

// Learn takes the reward of a choice.
func (c *Controller) Learn(choice []int, reward float64) {
	distance := reward - c.Baseline
	if c.rewards == 0 {
		distance, c.Baseline = 0, reward
	}
	c.rewards++
	if square := float64(distance * distance); square > 0 { // else there is nothing to learn of it
		if c.Spread == 0 {
			c.Spread = square
		}
		c.Spread = toward(c.Spread, square, c.teaching.Memory)
		c.Baseline = toward(c.Baseline, reward, c.teaching.Memory)
		distance /= math.Sqrt(c.Spread)
	}
	if c.random {
		return
	}
	for i, g := range c.Gradient(choice, distance) {
		for k := range g {
			c.Logits[i][k] += float64(c.teaching.Rate * g[k])
		}
	}
}

// toward moves an average to a value. It is a sum, not a step from the average: where that forgets all, it is the value, and
// an average of what is above zero is above zero.
func toward(average, value, memory float64) float64 {
	return float64(memory*average) + float64((1-memory)*value)
}

// Gradient is that of advantage · log P(choice) + entropy · H(P) in the logits: of one decision
//
//	advantage · (1[k = choice] - p[k]) - entropy · p[k] (log p[k] + H)
func (c *Controller) Gradient(choice []int, advantage float64) [][]float64 {
	all := make([][]float64, len(c.Logits))
	for i, logits := range c.Logits {
		p := softmax(logits)
		h, g := entropy(p), make([]float64, len(p))
		for k, chance := range p {
			is := 0.0
			if k == choice[i] {
				is = 1
			}
			g[k] = float64(advantage*(is-chance)) - float64(c.teaching.Entropy*float64(chance*(logOf(chance)+h)))
		}
		all[i] = g
	}
	return all
}

// Entropy is the mean entropy of the decisions as a share of the most that they can have: 1 where all ways have the
// same chance, 0 where all is decided.
func (c *Controller) Entropy() float64 {
	sum, most := 0.0, 0.0
	for _, logits := range c.Logits {
		sum += entropy(softmax(logits))
		most += portable.Log(float64(len(logits)))
	}
	if most == 0 {
		return 0
	}
	return sum / most
}

// Likeliest is the choice of the likeliest way of every decision, the first of several.
func (c *Controller) Likeliest() []int {
	choice := make([]int, len(c.Logits))
	for i, logits := range c.Logits {
		for k, x := range logits {
			if x > logits[choice[i]] {
				choice[i] = k
			}
		}
	}
	return choice
}

func softmax(logits []float64) []float64 {
	most := math.Inf(-1)
	for _, x := range logits {
		most = max(most, x)
	}
	p, sum := make([]float64, len(logits)), 0.0
	for k, x := range logits {
		p[k] = portable.Exp(x - most)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return p
}

func entropy(p []float64) float64 {
	h := 0.0
	for _, chance := range p {
		h -= float64(chance * logOf(chance))
	}
	return h
}

// logOf is the logarithm of a chance, which counts for nothing where the chance is none.
func logOf(chance float64) float64 { return portable.Log(max(chance, math.SmallestNonzeroFloat64)) }
