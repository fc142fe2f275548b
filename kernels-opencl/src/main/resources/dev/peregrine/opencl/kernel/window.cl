// How a convolution's window lies.
//
// One relation carries the convolution and both its gradients: output (i, j), tap (a, b) and input
// (h, v) meet where h = i * stride - pad + a * dilation, and likewise for v.
#define KERNEL_HEIGHT window.s0
#define KERNEL_WIDTH window.s1
#define STRIDE_HEIGHT window.s2
#define STRIDE_WIDTH window.s3
#define PAD_TOP window.s4
#define PAD_LEFT window.s5
#define DILATION_HEIGHT window.s6
#define DILATION_WIDTH window.s7

// sizes: the maps, and the channels of one group on both sides.
#define HEIGHT sizes.s0
#define WIDTH sizes.s1
#define OUT_HEIGHT sizes.s2
#define OUT_WIDTH sizes.s3
#define IN_CHANNELS sizes.s4
#define OUT_CHANNELS sizes.s5
#define PICTURES sizes.s6

// A place outside every map.
#define NOWHERE (-(1 << 28))
