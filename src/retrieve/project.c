#include "retrieve/project.h"

#include "base/error.h"

#include <math.h>
#include <string.h>

#define SEED 20260101

/* One projection under way. */
typedef struct project {
    const float *rows;
    gsize n, dimension;
    gsize block;   /* directions: at most as many as dimensions */
    double *mean;  /* dimension */
    double *basis; /* block x dimension, orthonormal rows */
    double *next;  /* the basis times the covariance */
    double total;  /* variance in all directions */
} project;

static void project_clear(project *at)
{
    g_free(at->mean);
    g_free(at->basis);
    g_free(at->next);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(project, project_clear)

void jd_projection_clear(jd_projection *projection)
{
    g_clear_pointer(&projection->points, g_free);
}

static double dot(const double *a, const double *b, gsize n)
{
    double sum = 0;
    for (gsize i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* The component of a centred row in a direction. */
static double component(const project *at, gsize row, const double *direction)
{
    const float *values = at->rows + row * at->dimension;
    double sum = 0;
    for (gsize d = 0; d < at->dimension; d++)
        sum += (values[d] - at->mean[d]) * direction[d];
    return sum;
}

static void centre(project *at)
{
    for (gsize i = 0; i < at->n; i++)
        for (gsize d = 0; d < at->dimension; d++)
            at->mean[d] += at->rows[i * at->dimension + d];
    for (gsize d = 0; d < at->dimension; d++)
        at->mean[d] /= (double)at->n;
    for (gsize i = 0; i < at->n; i++)
        for (gsize d = 0; d < at->dimension; d++) {
            double off = at->rows[i * at->dimension + d] - at->mean[d];
            at->total += off * off / (double)at->n;
        }
}

/* Gram and Schmidt, twice, which is enough; a direction that others hold already becomes 0. */
static void make_orthonormal(const project *at, double *directions)
{
    for (gsize b = 0; b < at->block; b++) {
        double *direction = directions + b * at->dimension;
        double before = sqrt(dot(direction, direction, at->dimension));
        for (int pass = 0; pass < 2; pass++)
            for (gsize other = 0; other < b; other++) {
                const double *done = directions + other * at->dimension;
                double share = dot(direction, done, at->dimension);
                for (gsize d = 0; d < at->dimension; d++)
                    direction[d] -= share * done[d];
            }
        double length = sqrt(dot(direction, direction, at->dimension));
        double scale = length > 1e-12 * before && length > 0 ? 1 / length : 0;
        for (gsize d = 0; d < at->dimension; d++)
            direction[d] *= scale;
    }
}

static void start(project *at)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(SEED);
    for (gsize i = 0; i < at->block * at->dimension; i++)
        at->basis[i] = g_rand_double_range(random, -1, 1);
    make_orthonormal(at, at->basis);
}

/* next = basis times the covariance. Returns the variance along the basis. */
static double multiply(project *at)
{
    double captured = 0;
    memset(at->next, 0, at->block * at->dimension * sizeof *at->next);
    for (gsize i = 0; i < at->n; i++) {
        const float *values = at->rows + i * at->dimension;
        for (gsize b = 0; b < at->block; b++) {
            double *out = at->next + b * at->dimension;
            double share = component(at, i, at->basis + b * at->dimension) / (double)at->n;
            captured += share * share * (double)at->n;
            for (gsize d = 0; d < at->dimension; d++)
                out[d] += share * (values[d] - at->mean[d]);
        }
    }
    return captured;
}

static void iterate(project *at)
{
    double before = -1;
    for (int round = 0; round < JD_PROJECT_ROUNDS; round++) {
        double captured = multiply(at);
        if (captured - before <= JD_PROJECT_STILL * captured)
            return;
        before = captured;
        memcpy(at->basis, at->next, at->block * at->dimension * sizeof *at->basis);
        make_orthonormal(at, at->basis);
    }
    multiply(at);
}

/* Turns rows and columns p and q of a symmetric matrix so that its element there becomes 0
 * (Golub and Van Loan, 8.5), and the rows p and q of `vectors` with them. */
static void turn(double a[][JD_PROJECT_BLOCK], double vectors[][JD_PROJECT_BLOCK], gsize p, gsize q)
{
    double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;
    for (gsize k = 0; k < JD_PROJECT_BLOCK; k++) {
        double first = a[k][p], second = a[k][q];
        a[k][p] = c * first - s * second;
        a[k][q] = s * first + c * second;
    }
    for (gsize k = 0; k < JD_PROJECT_BLOCK; k++) {
        double first = a[p][k], second = a[q][k];
        a[p][k] = c * first - s * second;
        a[q][k] = s * first + c * second;
        first = vectors[p][k];
        second = vectors[q][k];
        vectors[p][k] = c * first - s * second;
        vectors[q][k] = s * first + c * second;
    }
}

/* Jacobi's method: `a` becomes diagonal, `vectors` its eigenvectors, as rows. */
static void diagonalise(double a[][JD_PROJECT_BLOCK], double vectors[][JD_PROJECT_BLOCK])
{
    for (gsize p = 0; p < JD_PROJECT_BLOCK; p++)
        for (gsize q = 0; q < JD_PROJECT_BLOCK; q++)
            vectors[p][q] = p == q;
    for (int sweep = 0; sweep < 30; sweep++)
        for (gsize p = 0; p + 1 < JD_PROJECT_BLOCK; p++)
            for (gsize q = p + 1; q < JD_PROJECT_BLOCK; q++)
                if (fabs(a[p][q]) > 1e-15 * (fabs(a[p][p]) + fabs(a[q][q])))
                    turn(a, vectors, p, q);
}

/* The direction of the eigenvector, its largest component positive. */
static void compose(const project *at, const double *eigenvector, double *direction)
{
    double largest = 0;
    for (gsize d = 0; d < at->dimension; d++) {
        direction[d] = 0;
        for (gsize b = 0; b < at->block; b++)
            direction[d] += eigenvector[b] * at->basis[b * at->dimension + d];
        if (fabs(direction[d]) > fabs(largest))
            largest = direction[d];
    }
    for (gsize d = 0; largest < 0 && d < at->dimension; d++)
        direction[d] = -direction[d];
}

/* The two best directions within the basis, left in `next`, and their variances. */
static void choose_axes(project *at, double variance[2])
{
    double a[JD_PROJECT_BLOCK][JD_PROJECT_BLOCK] = {{0}},
           vectors[JD_PROJECT_BLOCK][JD_PROJECT_BLOCK];
    for (gsize p = 0; p < at->block; p++)
        for (gsize q = 0; q < at->block; q++)
            a[p][q] =
                dot(at->basis + p * at->dimension, at->next + q * at->dimension, at->dimension);
    diagonalise(a, vectors);
    gsize best[2] = {0, 0};
    for (int axis = 0; axis < 2 && (gsize)axis < at->block; axis++) {
        best[axis] = axis == 1 && best[0] == 0;
        for (gsize b = 0; b < at->block; b++)
            if ((axis == 0 || b != best[0]) && a[b][b] > a[best[axis]][best[axis]])
                best[axis] = b;
        variance[axis] = at->total > 0 ? CLAMP(a[best[axis]][best[axis]] / at->total, 0, 1) : 0;
        compose(at, vectors[best[axis]], at->next + (gsize)axis * at->dimension);
    }
}

gboolean jd_project(const float *rows, gsize n, gsize dimension, jd_projection *projection,
                    GError **error)
{
    gsize cells;
    g_auto(project) at = {.rows = rows, .n = n, .dimension = dimension};
    at.block = MIN(dimension, JD_PROJECT_BLOCK);
    jd_projection made = {.points = g_try_new0(double, MAX(n, 1) * 2)};
    at.mean = g_try_new0(double, MAX(dimension, 1));
    if (g_size_checked_mul(&cells, MAX(dimension, 1), JD_PROJECT_BLOCK)) {
        at.basis = g_try_new0(double, cells);
        at.next = g_try_new0(double, cells);
    }
    if (!made.points || !at.mean || !at.basis || !at.next) {
        jd_projection_clear(&made);
        jd_set_error(error, JD_ERROR_LIMIT, NULL,
                     "there is no memory to project %" G_GSIZE_FORMAT " vectors", n);
        return FALSE;
    }
    if (n > 0 && dimension > 0) {
        centre(&at);
        start(&at);
        iterate(&at);
        choose_axes(&at, made.variance);
        for (gsize i = 0; i < n; i++)
            for (gsize axis = 0; axis < MIN(at.block, 2); axis++)
                made.points[2 * i + axis] = component(&at, i, at.next + axis * dimension);
    }
    *projection = made;
    return TRUE;
}
