// Package numpy reads arrays of float32 as NumPy stores them (.npy), writes arrays of these and other numbers, and does both with the set
// of such files as which the weights of Radford, Józefowicz and Sutskever (2017), the network of the sentiment unit, were published.
//
// # The set
//
// With H units, an embedding of E and B bytes of vocabulary; matrices stand as [in, out], ours as [out, in]:
//
//	0.npy            [B, E]     encoder.weight
//	1.npy            [E, 4H]    rnn.weight_ih_l0_v, transposed
//	2.npy … 5.npy    4×[H, H]   rnn.weight_mh_l0_v, transposed: the columns of the gates i, f, o, u
//	6.npy            [E, H]     rnn.weight_mih_l0_v, transposed
//	7.npy            [H, H]     rnn.weight_mhh_l0_v, transposed
//	8.npy            [4H]       rnn.bias_l0
//	9.npy, 10.npy    [4H]       rnn.weight_ih_l0_g, rnn.weight_mh_l0_g
//	11.npy, 12.npy   [H]        rnn.weight_mih_l0_g, rnn.weight_mhh_l0_g
//	13.npy           [H, B]     decoder.weight, transposed
//	14.npy           [B]        decoder.bias
//
// A [Set] is a source of tensors of these names, which are those of a character language model of one mlstm layer with
// weight_norm. One tensor at a time is in memory.
package numpy
