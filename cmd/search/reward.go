package search

import "github.com/rondo-ml/rondo/nn/portable"

// Costs are what a network's cost can be: the multiply-adds of one picture, or the seconds that one takes at inference.
var Costs = []string{"operations", "time"}

// Reward is accuracy · (cost / target)^weight, as MnasNet has it: with a weight below zero, cheaper networks have more.
func (p *Plan) Reward(accuracy, cost float64) float64 {
	if p.Weight == 0 {
		return accuracy
	}
	return float64(accuracy * portable.Pow(cost/p.Target, p.Weight))
}

// times says whether seconds are what children of the plan have: none, or a time that a clock can have measured.
func (p *Plan) times(seconds float64) bool {
	if p.Cost == "time" {
		return seconds >= 1e-9 && seconds <= 1e9
	}
	return seconds == 0
}
