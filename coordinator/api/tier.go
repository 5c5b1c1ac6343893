package api

// Arithmetic is what a kernel tier computes by: empty for all the tiers whose bits are the same, else the tier's
// name.
func Arithmetic(tier string) string {
	if tier == "go-fast" { // rounds products before it adds them
		return tier
	}
	return ""
}
