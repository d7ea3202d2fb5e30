/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 */
#include "ui/limn-canvas-tile.h"

#include <string.h>

#define TILE LIMN_DISPLAY_TILE
#define TILE_BYTES ((gsize)TILE * TILE * sizeof (guint32))
/* How much the mask's colour covers the picture, of 256: UI.md's 45 %. */
#define TINT 115
#define CHECK_SIZE 16
#define CHECK_LIGHT 0xff
#define CHECK_DARK 0xd8
/* A screen of 3840 x 2160 has so many tiles, and as many more are drawn while these are made. */
#define MAX_POOLED 320

struct _LimnTilePool
{
  grefcount ref_count;
  GPtrArray *unused; /* of TILE_BYTES */
};

/* Memory that is in use, and where it goes then. */
typedef struct
{
  LimnTilePool *pool;
  guint32 *pixels;
} Loan;

LimnTilePool *
limn_tile_pool_new (void)
{
  LimnTilePool *pool = g_new0 (LimnTilePool, 1);

  g_ref_count_init (&pool->ref_count);
  pool->unused = g_ptr_array_new_with_free_func (g_free);
  return pool;
}

void
limn_tile_pool_unref (LimnTilePool *pool)
{
  if (!g_ref_count_dec (&pool->ref_count))
    return;
  g_ptr_array_unref (pool->unused);
  g_free (pool);
}

static guint32 *
borrow (LimnTilePool *pool)
{
  if (pool->unused->len > 0)
    return g_ptr_array_steal_index_fast (pool->unused, pool->unused->len - 1);
  return g_malloc (TILE_BYTES);
}

static void
give_back (gpointer data)
{
  Loan *loan = data;

  if (loan->pool->unused->len < MAX_POOLED)
    g_ptr_array_add (loan->pool->unused, loan->pixels);
  else
    g_free (loan->pixels);
  limn_tile_pool_unref (loan->pool);
  g_free (loan);
}

static GBytes *
lend (LimnTilePool *pool, guint32 *pixels)
{
  Loan *loan = g_new (Loan, 1);

  g_ref_count_inc (&pool->ref_count);
  *loan = (Loan){ pool, pixels };
  return g_bytes_new_with_free_func (pixels, TILE_BYTES, give_back, loan);
}

/* ---- The tile -------------------------------------------------------------------------------- */

LimnCanvasTile *
limn_canvas_tile_new (int column, int row)
{
  LimnCanvasTile *tile = g_new0 (LimnCanvasTile, 1);

  tile->column = column;
  tile->row = row;
  tile->stale = (LimnRect){ 0, 0, TILE, TILE };
  return tile;
}

void
limn_canvas_tile_free (LimnCanvasTile *tile)
{
  g_clear_pointer (&tile->node, gsk_render_node_unref);
  g_clear_pointer (&tile->pixels, g_bytes_unref);
  g_free (tile);
}

static guint
tile_hash (gconstpointer key)
{
  const LimnCanvasTile *tile = key;

  return (guint)tile->column * 73856093u ^ (guint)tile->row * 19349663u;
}

static gboolean
tile_equal (gconstpointer a, gconstpointer b)
{
  const LimnCanvasTile *s = a, *t = b;

  return s->column == t->column && s->row == t->row;
}

GHashTable *
limn_canvas_tile_table_new (void)
{
  return g_hash_table_new_full (tile_hash, tile_equal, NULL, (GDestroyNotify)limn_canvas_tile_free);
}

void
limn_canvas_tile_add_stale (LimnCanvasTile *tile, const LimnRect *rect)
{
  const LimnRect all = { 0, 0, TILE, TILE };
  LimnRect part;

  if (!limn_rect_intersect (rect, &all, &part))
    return;
  if (limn_rect_is_empty (&tile->stale))
    tile->stale = part;
  else
    limn_rect_union (&tile->stale, &part, &tile->stale);
}

guint32 *
limn_canvas_tile_copy_pixels (const LimnCanvasTile *tile,
                              LimnTilePool *pool,
                              const LimnRect *except)
{
  guint32 *pixels = borrow (pool);

  if (except->width == TILE && except->height == TILE)
    return pixels;
  if (tile->pixels != NULL)
    memcpy (pixels, g_bytes_get_data (tile->pixels, NULL), TILE_BYTES);
  else
    memset (pixels, 0, TILE_BYTES);
  return pixels;
}

LimnRect
limn_canvas_tile_get_rect (const LimnCanvasTile *tile)
{
  return (LimnRect){ tile->column * TILE, tile->row * TILE, TILE, TILE };
}

/* ---- Drawing --------------------------------------------------------------------------------- */

/* What a recording of cairo's draws from. */
typedef struct
{
  cairo_surface_t *surface;
  GBytes *pixels;
} Source;

static void
source_free (gpointer data)
{
  Source *source = data;

  cairo_surface_destroy (source->surface);
  g_bytes_unref (source->pixels);
  g_free (source);
}

/* The recording would copy the pixels if their surface went first: it keeps it. */
static GskRenderNode *
make_cairo_node (GBytes *pixels)
{
  static const cairo_user_data_key_t source_key;
  GskRenderNode *node = gsk_cairo_node_new (&GRAPHENE_RECT_INIT (0, 0, TILE, TILE));
  cairo_t *cr = gsk_cairo_node_get_draw_context (node);
  Source *source = g_new (Source, 1);

  source->pixels = g_bytes_ref (pixels);
  source->surface = cairo_image_surface_create_for_data (
      (guchar *)(gpointer)g_bytes_get_data (pixels, NULL), CAIRO_FORMAT_RGB24, TILE, TILE,
      TILE * (int)sizeof (guint32));
  cairo_set_source_surface (cr, source->surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  if (cairo_surface_set_user_data (cairo_get_target (cr), &source_key, source, source_free)
      != CAIRO_STATUS_SUCCESS)
    g_error ("no memory for a tile");
  cairo_destroy (cr);
  return node;
}

static GskRenderNode *
make_texture_node (GBytes *pixels)
{
  g_autoptr (GdkTexture) texture
      = gdk_memory_texture_new (TILE, TILE, GDK_MEMORY_DEFAULT, pixels, TILE * sizeof (guint32));

  return gsk_texture_node_new (texture, &GRAPHENE_RECT_INIT (0, 0, TILE, TILE));
}

void
limn_canvas_tile_take_pixels (LimnCanvasTile *tile, LimnTilePool *pool, guint32 *pixels)
{
  g_clear_pointer (&tile->node, gsk_render_node_unref);
  g_clear_pointer (&tile->pixels, g_bytes_unref);
  tile->pixels = lend (pool, pixels);
}

void
limn_canvas_tile_draw (LimnCanvasTile *tile,
                       GtkSnapshot *snapshot,
                       gboolean software,
                       double x0,
                       double y0,
                       double x1,
                       double y1,
                       int factor)
{
  if (tile->node == NULL)
    tile->node = software ? make_cairo_node (tile->pixels) : make_texture_node (tile->pixels);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT ((float)(x0 / factor), (float)(y0 / factor)));
  gtk_snapshot_scale (snapshot, (float)((x1 - x0) / TILE / factor),
                      (float)((y1 - y0) / TILE / factor));
  gtk_snapshot_append_node (snapshot, tile->node);
  gtk_snapshot_restore (snapshot);
}

/* ---- Pixels ---------------------------------------------------------------------------------- */

static inline guint32
pack (guint r, guint g, guint b)
{
  return 0xff000000u | r << 16 | g << 8 | b;
}

/* @value of 255 of @over, the rest of the checkerboard at (@x, @y). */
static inline guint32
over_checks (guint r, guint g, guint b, guint alpha, int x, int y)
{
  gboolean light = ((x / CHECK_SIZE) ^ (y / CHECK_SIZE)) & 1;
  guint under = (light ? CHECK_LIGHT : CHECK_DARK) * (255 - alpha);

  return pack ((r * alpha + under + 127) / 255, (g * alpha + under + 127) / 255,
               (b * alpha + under + 127) / 255);
}

void
limn_canvas_tile_put_picture (const guint8 *picture,
                              int channels,
                              const LimnRect *area,
                              guint32 *out)
{
  const guint8 *p = picture;

  for (int y = 0; y < area->height; y++, out += TILE)
    if (channels == 3)
      for (int x = 0; x < area->width; x++, p += 3)
        out[x] = pack (p[0], p[1], p[2]);
    else if (channels == 1)
      for (int x = 0; x < area->width; x++, p++)
        out[x] = pack (p[0], p[0], p[0]);
    else
      for (int x = 0; x < area->width; x++, p += 4)
        out[x] = p[3] == 255 ? pack (p[0], p[1], p[2])
                             : over_checks (p[0], p[1], p[2], p[3], area->x + x, area->y + y);
}

static inline guint32
blend (guint under, guint over, guint alpha)
{
  return (under * (256 - alpha) + over * alpha + 128) >> 8;
}

void
limn_canvas_tile_put_mask (const guint8 *mask,
                           const guint8 tint[3],
                           const LimnRect *area,
                           guint32 *out)
{
  gssize stride = area->width + 2;

  for (int y = 0; y < area->height; y++, out += TILE)
    {
      const guint8 *m = mask + (y + 1) * stride + 1;

      for (int x = 0; x < area->width; x++)
        {
          guint alpha = (m[x] * TINT + 127) / 255;

          if (m[x] >= 128
              && (m[x - 1] < 128 || m[x + 1] < 128 || m[x - stride] < 128 || m[x + stride] < 128))
            out[x]
                = ((area->x + x + area->y + y) >> 2) & 1 ? pack (0xff, 0xff, 0xff) : pack (0, 0, 0);
          else if (alpha > 0)
            out[x] = pack (blend (out[x] >> 16 & 0xff, tint[0], alpha),
                           blend (out[x] >> 8 & 0xff, tint[1], alpha),
                           blend (out[x] & 0xff, tint[2], alpha));
        }
    }
}
