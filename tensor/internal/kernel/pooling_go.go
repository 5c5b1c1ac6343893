//go:build !amd64 || purego

package kernel

func (w *Windows) Run(bool) bool { return false }

func (w *Windows) RunMean(bool) bool { return false }

func (t Tier) MeansOfWindows(int) bool { return false }

func (t Tier) FillsWindows() bool { return false }
