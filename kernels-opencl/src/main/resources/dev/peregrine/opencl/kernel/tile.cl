// The heart of every matrix product here: a group of work items computes one TILE_M x TILE_N tile
// of C = A B. Slices of A and B, TILE_K deep, are brought into local memory, whoever needs them.
//
// What a row of A or a column of B is, and where they come from, is the including kernel's matter:
// it declares LOCAL_TILES, brings slices with PUT_A and PUT_B, calls MULTIPLY_TILES between two
// barriers, and finds its results with EACH_SUM. Each sum is added up in ascending order of k,
// whatever the tile, so tiles change no bit.

// How many elements of a slice each work item brings.
#define LOADS_A (TILE_M * TILE_K / THREADS)
#define LOADS_B (TILE_N * TILE_K / THREADS)

// Where each load's place is kept in registers, loops over loads must be unrolled; elsewhere that
// would only take time to compile.
#if defined(TENSOR_CORES) && !defined(EMULATE_MMA)
#define LOADING _Pragma("unroll")
#else
#define LOADING
#endif

#ifdef TENSOR_CORES
#include "mma.cl"
#else

// Each work item keeps THREAD_M x THREAD_N sums in registers, in runs of RUN_M x RUN_N neighbours:
// a run is read from local memory at once, and neighbouring work items read neighbouring runs.
#define THREADS_M (TILE_M / THREAD_M)
#define THREADS_N (TILE_N / THREAD_N)
#define THREADS (THREADS_M * THREADS_N)
#define RUN 4

// Four columns more than needed: runs stay aligned, and the elements of a column that neighbouring
// work items write lie in different memory banks.
#define A_PITCH (TILE_M + RUN)
#define B_PITCH (TILE_N + RUN)

#ifdef DOUBLES
typedef double4 run;
#else
typedef float4 run;
#endif

#define LOCAL_TILES                                                 \
  __local real a_tile[TILE_K * A_PITCH] __attribute__((aligned(32))); \
  __local real b_tile[TILE_K * B_PITCH] __attribute__((aligned(32))); \
  const int thread = get_local_id(0);                               \
  const int thread_m = thread / THREADS_N;                          \
  const int thread_n = thread % THREADS_N;                          \
  real sum[THREAD_M * THREAD_N];                                    \
  for (int s = 0; s < THREAD_M * THREAD_N; s++) {                   \
    sum[s] = 0;                                                     \
  }

#define PUT_A(k, row, value) a_tile[(k) * A_PITCH + (row)] = (value)
#define PUT_B(k, column, value) b_tile[(k) * B_PITCH + (column)] = (value)

// The place within a tile of the n-th of so many neighbours of a work item.
#define PLACE(thread_of, n, threads) ((n) / RUN * (threads) * RUN + (thread_of) * RUN + (n) % RUN)

#define READ_RUN(values, n, tile, place)                            \
  {                                                                 \
    const run four = *(__local const run *)(tile + place);          \
    values[n] = four.x;                                             \
    values[(n) + 1] = four.y;                                       \
    values[(n) + 2] = four.z;                                       \
    values[(n) + 3] = four.w;                                       \
  }

// Adds the product of the slices to the sums.
#define MULTIPLY_TILES                                              \
  for (int k = 0; k < TILE_K; k++) {                                \
    real left[THREAD_M];                                            \
    real right[THREAD_N];                                           \
    _Pragma("unroll") for (int m = 0; m < THREAD_M; m += RUN) {     \
      READ_RUN(left, m, a_tile, k * A_PITCH + PLACE(thread_m, m, THREADS_M)) \
    }                                                               \
    _Pragma("unroll") for (int n = 0; n < THREAD_N; n += RUN) {     \
      READ_RUN(right, n, b_tile, k * B_PITCH + PLACE(thread_n, n, THREADS_N)) \
    }                                                               \
    _Pragma("unroll") for (int m = 0; m < THREAD_M; m++) {          \
      _Pragma("unroll") for (int n = 0; n < THREAD_N; n++) {        \
        sum[m * THREAD_N + n] = FMA(left[m], right[n], sum[m * THREAD_N + n]); \
      }                                                             \
    }                                                               \
  }

// Runs the code for each sum: its row and column within the tile.
#define EACH_SUM(CODE)                                              \
  _Pragma("unroll") for (int m = 0; m < THREAD_M; m++) {            \
    const int tile_row = PLACE(thread_m, m, THREADS_M);             \
    _Pragma("unroll") for (int n = 0; n < THREAD_N; n++) {          \
      const int tile_column = PLACE(thread_n, n, THREADS_N);        \
      real value = sum[m * THREAD_N + n];                           \
      CODE                                                          \
    }                                                               \
  }
#endif
