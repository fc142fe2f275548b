// The same tile on NVIDIA's tensor cores: a warp of 32 work items multiplies a 16-row fragment of A
// by an 8-column fragment of B in one instruction, mma.sync, which adds the products in f32.
//
// Operands are rounded as they enter local memory: to tf32 (10 bits of mantissa, one in a word),
// or to bf16 or f16 (two in a word, neighbours in k). An instruction takes 8 words of k either
// way, and a lane holds the same words of a fragment: with g = lane / 4 and t = lane % 4, of A
// the words (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4), of B the words (t, g), (t + 4, g), and
// of the sums (g, 2 t), (g, 2 t + 1), (g + 8, 2 t), (g + 8, 2 t + 1). The layouts are those of
// PTX ISA 7.0 and later, "Matrix fragments for mma.m16n8k8" and "... mma.m16n8k16".
//
// A warp computes WARP_M x WARP_N of the tile. With EMULATE_MMA the instruction is computed by
// ordinary work items, so that all of the rest can be tested on any device.
#define LANES_OF_WARP 32
#define WARPS_N (TILE_N / WARP_N)
#define WARPS (TILE_M / WARP_M * WARPS_N)
#define THREADS (WARPS * LANES_OF_WARP)
#define FRAGMENTS_M (WARP_M / 16)
#define FRAGMENTS_N (WARP_N / 8)

#ifdef MMA_TF32
#define PACKED 1
#else
#define PACKED 2
#endif

// Four words more than needed: the words that the lanes of a warp read lie in different banks.
#define WORDS (TILE_K / PACKED)
#define PITCH (WORDS + 4)

// Rounds to 10 bits of mantissa, halves away from zero, as cvt.rna.tf32.f32 does.
inline uint to_tf32(float x) {
  return x != x ? 0x7fc00000u : (as_uint(x) + 0x1000u) & 0xffffe000u;
}

// Rounds to the upper half of a float, halves to even.
inline ushort to_bf16(float x) {
  const uint bits = as_uint(x);
  return x != x ? 0x7fc0 : (bits + 0x7fffu + (bits >> 16 & 1)) >> 16;
}

#ifdef MMA_TF32
#define PUT_OPERAND(words, row, k, value) words[(row) * PITCH + (k)] = to_tf32(value)
#elif defined(MMA_BF16)
#define PUT_OPERAND(words, row, k, value) \
  ((__local ushort *)words)[(row) * PITCH * 2 + (k)] = to_bf16(value)
#else
#define PUT_OPERAND(words, row, k, value) \
  vstore_half_rte(value, (row) * PITCH * 2 + (k), (__local half *)words)
#endif
#define PUT_A(k, row, value) PUT_OPERAND(a_words, row, k, value)
#define PUT_B(k, column, value) PUT_OPERAND(b_words, column, k, value)

#ifdef EMULATE_MMA
#define UNROLLED
#define EXCHANGE __local uint exchange[WARPS * LANES_OF_WARP * 6];
#define MULTIPLY_FRAGMENTS(sums, a, b) emulated_mma(sums, a, b, exchange + warp * 32 * 6, lane)

#ifdef MMA_TF32
#define DEPTH 8
inline float element(const __local uint *registers, int i) { return as_float(registers[i]); }
#else
#define DEPTH 16
inline float element(const __local uint *registers, int i) {
  const uint bits = registers[i / 2] >> i % 2 * 16 & 0xffff;
#ifdef MMA_BF16
  return as_float(bits << 16);
#else
  const ushort copy[1] = {bits};
  return vload_half(0, (const half *)copy);
#endif
}
#endif

// What the instruction does, written from its definition element by element: who holds element
// (row, k) of A and (k, column) of B, as which of his elements.
inline void emulated_mma(
    float *sums, const uint *a, const uint *b, __local uint *exchange, const int lane) {
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int i = 0; i < 4; i++) {
    exchange[lane * 6 + i] = a[i];
  }
  for (int i = 0; i < 2; i++) {
    exchange[lane * 6 + 4 + i] = b[i];
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int i = 0; i < 4; i++) {
    const int row = lane / 4 + (i < 2 ? 0 : 8);
    const int column = lane % 4 * 2 + i % 2;
    float total = sums[i];
    for (int k = 0; k < DEPTH; k++) {
#if DEPTH == 8
      const int holder_a = row % 8 * 4 + k % 4;
      const int holder_b = column * 4 + k % 4;
      const int element_a = (row < 8 ? 0 : 1) + (k < 4 ? 0 : 2);
      const int element_b = k < 4 ? 0 : 1;
#else
      const int holder_a = row % 8 * 4 + k % 8 / 2;
      const int holder_b = column * 4 + k % 8 / 2;
      const int element_a = k % 2 + (row < 8 ? 0 : 2) + (k < 8 ? 0 : 4);
      const int element_b = k % 2 + (k < 8 ? 0 : 2);
#endif
      total += element(exchange + holder_a * 6, element_a)
          * element(exchange + holder_b * 6 + 4, element_b);
    }
    sums[i] = total;
  }
}
#else
#define UNROLLED _Pragma("unroll")
#define EXCHANGE
#define MULTIPLY_FRAGMENTS(sums, a, b) mma(sums, a, b)

#ifdef MMA_TF32
#define INSTRUCTION "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
#elif defined(MMA_BF16)
#define INSTRUCTION "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
#else
#define INSTRUCTION "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
#endif

inline void mma(float *sums, const uint *a, const uint *b) {
  asm volatile(
      INSTRUCTION "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
#endif

#define LOCAL_TILES                                                 \
  __local uint a_words[TILE_M * PITCH];                             \
  __local uint b_words[TILE_N * PITCH];                             \
  EXCHANGE                                                          \
  const int thread = get_local_id(0);                               \
  const int lane = thread % LANES_OF_WARP;                          \
  const int warp = thread / LANES_OF_WARP;                          \
  const int warp_row = warp / WARPS_N * WARP_M + lane / 4;          \
  const int warp_column = warp % WARPS_N * WARP_N;                  \
  float sum[FRAGMENTS_M * FRAGMENTS_N * 4];                         \
  for (int s = 0; s < FRAGMENTS_M * FRAGMENTS_N * 4; s++) {         \
    sum[s] = 0;                                                     \
  }

// Adds the product of the slices to the sums, 8 words of k in a step.
#define MULTIPLY_TILES                                              \
  UNROLLED for (int step = 0; step < WORDS; step += 8) {            \
    const int word = step + lane % 4;                               \
    uint left[FRAGMENTS_M][4];                                      \
    uint right[FRAGMENTS_N][2];                                     \
    UNROLLED for (int m = 0; m < FRAGMENTS_M; m++) {                \
      const int at = (warp_row + m * 16) * PITCH + word;            \
      left[m][0] = a_words[at];                                     \
      left[m][1] = a_words[at + 8 * PITCH];                         \
      left[m][2] = a_words[at + 4];                                 \
      left[m][3] = a_words[at + 8 * PITCH + 4];                     \
    }                                                               \
    UNROLLED for (int n = 0; n < FRAGMENTS_N; n++) {                \
      const int at = (warp_column + n * 8 + lane / 4) * PITCH + word; \
      right[n][0] = b_words[at];                                    \
      right[n][1] = b_words[at + 4];                                \
    }                                                               \
    UNROLLED for (int m = 0; m < FRAGMENTS_M; m++) {                \
      UNROLLED for (int n = 0; n < FRAGMENTS_N; n++) {              \
        MULTIPLY_FRAGMENTS(sum + (m * FRAGMENTS_N + n) * 4, left[m], right[n]); \
      }                                                             \
    }                                                               \
  }

// Runs the code for each sum: its row and column within the tile.
#define EACH_SUM(CODE)                                              \
  UNROLLED for (int m = 0; m < FRAGMENTS_M; m++) {                  \
    UNROLLED for (int n = 0; n < FRAGMENTS_N; n++) {                \
      UNROLLED for (int i = 0; i < 4; i++) {                        \
        const int tile_row = warp_row + m * 16 + i / 2 * 8;         \
        const int tile_column = warp_column + n * 8 + lane % 4 * 2 + i % 2; \
        float value = sum[(m * FRAGMENTS_N + n) * 4 + i];           \
        CODE                                                        \
      }                                                             \
    }                                                               \
  }
