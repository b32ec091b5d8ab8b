/* tensor/table.c - the table of one instruction set. */
#include "config.h"
#include "tensor/ops.h"

#define TEXT_OF(isa) #isa
#define TEXT(isa) TEXT_OF(isa)

const struct lepton__kernels OP(kernels) = {
	.name = TEXT(LEPTON_ISA),
	.joins_parts = LEPTON_LANES != 4,
	.gemm = OP(gemm),
	.dense_forward = OP(dense_forward),
	.dense_backward = OP(dense_backward),
	.conv_forward = OP(conv_forward),
	.conv_backward = OP(conv_backward),
	.conv_scratch = OP(conv_scratch),
	.conv_pool_scratch = OP(conv_pool_scratch),
	.conv_pool_forward = OP(conv_pool_forward),
	.conv_pool_backward = OP(conv_pool_backward),
	.tail_fits = OP(tail_fits),
	.tail_scratch = OP(tail_scratch),
	.tail_forward = OP(tail_forward),
	.tail_backward = OP(tail_backward),
	.max_pool_forward = OP(max_pool_forward),
	.max_pool_backward = OP(max_pool_backward),
	.activate = OP(activate),
	.activate_backward = OP(activate_backward),
	.softmax = OP(softmax),
	.softmax_cross_entropy = OP(softmax_cross_entropy),
	.int8_forward = OP(int8_forward),
	.int8_forward_pairs = OP(int8_forward_pairs),
	.quantize_u8 = OP(quantize_u8),
	.max_pool_u8 = OP(max_pool_u8),
	.column_sizes = OP(column_sizes),
	.code_sums = OP(code_sums),
	.code_round = OP(code_round),
	.scale_u8 = OP(scale_u8),
	.add = OP(add),
	.drop_draw = OP(drop_draw),
	.drop_apply = OP(drop_apply),
	.adam = OP(adam),
	.sgd = OP(sgd),
	.all_finite = OP(all_finite),
	.peak = OP(peak),
};
