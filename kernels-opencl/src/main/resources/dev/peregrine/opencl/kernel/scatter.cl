// Adds rows into zeros, in ascending order of rows.
#include "prelude.cl"

#define NTH(name, i, channels) AT(name, (i) / (channels), (i) % (channels))
#define HIT 1
#define FAULT 2

// A group owns some neighbouring rows of y, and each of its work items every LANES-th element of
// them, so that no two add to one place. It goes through the indices, LANES at a time, notes those
// that mean its rows, in order, and adds what belongs to them.
__kernel __attribute__((reqd_work_group_size(LANES, 1, 1)))
void scatter_add(
    IN(NUMBER, x),
    IN(int, indices),
    OUT(NUMBER, y),
    OUT(int, faults),
    const int width,
    const int rows,
    const int x_rows,
    const int x_channels,
    const int y_channels,
    const int block) {
  __local int marks[LANES];
  __local int sources[LANES];
  __local int targets[LANES];
  const int lane = get_local_id(0);
  const int first = get_group_id(0) * block;
  const int end = min(rows, first + block);
  for (int i = first * width + lane; i < end * width; i += LANES) {
    NTH(y, i, y_channels) = 0;
  }
  for (int start = 0; start < x_rows; start += LANES) {
    const int from = start + lane;
    const int to = from < x_rows ? AT(indices, 0, from) : rows;
    const int hit = to >= first && to < end;
    const int fault = get_group_id(0) == 0 && from < x_rows && (to < 0 || to >= rows);
    marks[lane] = hit ? HIT : fault ? FAULT : 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    int hits = 0;
    int hits_before = 0;
    int faults_before = 0;
    for (int other = 0; other < LANES; other++) {
      const int mark = marks[other];
      hits += mark == HIT;
      hits_before += mark == HIT && other < lane;
      faults_before += mark == FAULT && other < lane;
    }
    if (hit) {
      sources[hits_before] = from;
      targets[hits_before] = (to - first) * width;
    }
    // The first one is told.
    if (fault && faults_before == 0 && atomic_cmpxchg(&AT(faults, 0, 0), 0, rows) == 0) {
      AT(faults, 0, 1) = to;
      AT(faults, 0, 2) = from;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int n = 0; n < hits; n++) {
      const int target = targets[n];
      for (int c = (lane + LANES - target % LANES) % LANES; c < width; c += LANES) {
        NTH(y, first * width + target + c, y_channels) +=
            NTH(x, sources[n] * width + c, x_channels);
      }
    }
  }
}
