/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Limn authors
 *
 * What the names in a checkpoint's pickle stand for. This is the whole list: three functions of
 * torch that describe tensors, OrderedDict, and the storage types. All other classes are inert.
 */
#include <string.h>

#include "engine/weights/unpickle-private.h"

/* ---- Names ----------------------------------------------------------------------------------- */

/* Modules that no model needs and every exploit does. Nothing of theirs could run here; a file that
 * asks for them is refused so that the person learns what it is. */
static const char *const forbidden_modules[] = {
  "os",         "posix",  "nt",      "subprocess",      "sys",
  "shutil",     "socket", "runpy",   "importlib",       "pty",
  "code",       "ctypes", "marshal", "pickle",          "commands",
  "webbrowser", "pdb",    "timeit",  "multiprocessing",
};

/* The built-in names that data need. */
static const char *const harmless_builtins[] = {
  "set", "frozenset", "dict",      "list",   "tuple", "int",   "float", "complex", "bool",
  "str", "bytes",     "bytearray", "object", "slice", "range", "long",  "unicode", "xrange",
};

static gboolean
is_one_of (const LimnPickleValue *value, const char *const *list, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (_limn_pickle_is_string (value, list[i]))
      return TRUE;
  return FALSE;
}

/* "os" and "os.path" are in module "os". */
static gboolean
is_in_module (const LimnPickleValue *value, const char *module)
{
  gsize length = strlen (module);

  return value->string.length >= length && memcmp (value->string.data, module, length) == 0
         && (value->string.length == length || value->string.data[length] == '.');
}

static gboolean
is_forbidden (const LimnPickleValue *module, const LimnPickleValue *name)
{
  if (is_in_module (module, "builtins") || is_in_module (module, "__builtin__"))
    return !is_one_of (name, harmless_builtins, G_N_ELEMENTS (harmless_builtins));
  for (gsize i = 0; i < G_N_ELEMENTS (forbidden_modules); i++)
    if (is_in_module (module, forbidden_modules[i]))
      return TRUE;
  return FALSE;
}

LimnPickleValue *
_limn_pickle_global (LimnPickle *pickle, const LimnPickleValue *module, const LimnPickleValue *name)
{
  LimnPickleValue *global;

  if (module->type != LIMN_PICKLE_STRING || name->type != LIMN_PICKLE_STRING)
    return _limn_pickle_fail (pickle, LIMN_ENGINE_ERROR_BAD_FILE,
                              "the pickle names a class by no string");
  if (is_forbidden (module, name))
    {
      g_autofree char *module_text = g_strndup (module->string.data, module->string.length);
      g_autofree char *name_text = g_strndup (name->string.data, name->string.length);
      g_autofree char *module_shown = _limn_weights_quote (module_text);
      g_autofree char *name_shown = _limn_weights_quote (name_text);

      return _limn_pickle_fail (
          pickle, LIMN_ENGINE_ERROR_BAD_FILE,
          "the file wants to run %s.%s; it is not a plain model and was refused", module_shown,
          name_shown);
    }
  global = _limn_pickle_new_value (pickle, LIMN_PICKLE_GLOBAL);
  if (global != NULL)
    {
      global->global.module = module;
      global->global.name = name;
    }
  return global;
}

static gboolean
is_global (const LimnPickleValue *value, const char *module, const char *name)
{
  return value->type == LIMN_PICKLE_GLOBAL && _limn_pickle_is_string (value->global.module, module)
         && _limn_pickle_is_string (value->global.name, name);
}

/* ---- Calls ----------------------------------------------------------------------------------- */

/* @args[i] when it has that type, else NULL. */
static const LimnPickleValue *
argument (const LimnPickleValue *args, guint i, LimnPickleType type)
{
  const LimnPickleValue *value = i < args->items->len ? args->items->pdata[i] : NULL;

  return value != NULL && value->type == type ? value : NULL;
}

static gboolean
all_integers (const LimnPickleValue *tuple)
{
  for (guint i = 0; i < tuple->items->len; i++)
    if (((const LimnPickleValue *)tuple->items->pdata[i])->type != LIMN_PICKLE_INT)
      return FALSE;
  return TRUE;
}

/* torch._utils._rebuild_tensor_v2 (storage, storage_offset, size, stride, ...). What the numbers
 * mean for the storage is checked when the tensor is taken. */
static LimnPickleValue *
rebuild_tensor (LimnPickle *pickle, const LimnPickleValue *args)
{
  const LimnPickleValue *storage = argument (args, 0, LIMN_PICKLE_STORAGE);
  const LimnPickleValue *offset = argument (args, 1, LIMN_PICKLE_INT);
  const LimnPickleValue *size = argument (args, 2, LIMN_PICKLE_TUPLE);
  const LimnPickleValue *stride = argument (args, 3, LIMN_PICKLE_TUPLE);
  LimnPickleValue *tensor;

  if (storage == NULL || offset == NULL || size == NULL || stride == NULL
      || size->items->len != stride->items->len || !all_integers (size) || !all_integers (stride))
    return _limn_pickle_fail (pickle, LIMN_ENGINE_ERROR_BAD_FILE,
                              "a tensor is not described properly");
  tensor = _limn_pickle_new_value (pickle, LIMN_PICKLE_TENSOR);
  if (tensor != NULL)
    {
      tensor->tensor.storage = storage;
      tensor->tensor.offset = offset->integer;
      tensor->tensor.size = size;
      tensor->tensor.stride = stride;
    }
  return tensor;
}

LimnPickleValue *
_limn_pickle_reduce (LimnPickle *pickle,
                     const LimnPickleValue *callable,
                     const LimnPickleValue *args)
{
  if (args->type == LIMN_PICKLE_TUPLE)
    {
      if (is_global (callable, "torch._utils", "_rebuild_tensor_v2")
          || is_global (callable, "torch._utils", "_rebuild_tensor"))
        return rebuild_tensor (pickle, args);
      if (is_global (callable, "torch._utils", "_rebuild_parameter")
          && argument (args, 0, LIMN_PICKLE_TENSOR) != NULL)
        return args->items->pdata[0];
      if (is_global (callable, "collections", "OrderedDict"))
        return _limn_pickle_new_value (pickle, LIMN_PICKLE_DICT);
    }
  return _limn_pickle_new_value (pickle, LIMN_PICKLE_OBJECT);
}

/* ---- Storages -------------------------------------------------------------------------------- */

static gboolean
storage_dtype (const LimnPickleValue *type, LimnDType *dtype)
{
  static const struct
  {
    const char *name;
    LimnDType dtype;
  } types[] = {
    { "FloatStorage", LIMN_DTYPE_F32 },     { "HalfStorage", LIMN_DTYPE_F16 },
    { "BFloat16Storage", LIMN_DTYPE_BF16 }, { "DoubleStorage", LIMN_DTYPE_F64 },
    { "LongStorage", LIMN_DTYPE_I64 },      { "IntStorage", LIMN_DTYPE_I32 },
    { "ShortStorage", LIMN_DTYPE_I16 },     { "CharStorage", LIMN_DTYPE_I8 },
    { "ByteStorage", LIMN_DTYPE_U8 },       { "BoolStorage", LIMN_DTYPE_BOOL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (is_global (type, "torch", types[i].name) || is_global (type, "torch.cuda", types[i].name))
      {
        *dtype = types[i].dtype;
        return TRUE;
      }
  return FALSE;
}

/* ("storage", torch.FloatStorage, key, location, number of elements[, view]). A view of a storage
 * is of torch 0.3 and older; later ones write None. */
LimnPickleValue *
_limn_pickle_persistent (LimnPickle *pickle, const LimnPickleValue *id)
{
  const LimnPickleValue *type, *key, *n_elements;
  LimnPickleValue *storage;
  LimnDType dtype;

  if (id->type != LIMN_PICKLE_TUPLE || id->items->len < 5
      || !_limn_pickle_is_string (id->items->pdata[0], "storage"))
    return _limn_pickle_fail (pickle, LIMN_ENGINE_ERROR_BAD_FILE,
                              "the pickle refers to no storage of torch");
  type = id->items->pdata[1];
  key = argument (id, 2, LIMN_PICKLE_STRING);
  n_elements = argument (id, 4, LIMN_PICKLE_INT);
  if (key == NULL || n_elements == NULL || n_elements->integer < 0)
    return _limn_pickle_fail (pickle, LIMN_ENGINE_ERROR_BAD_FILE,
                              "a storage is not described properly");
  if (id->items->len > 5 && argument (id, 5, LIMN_PICKLE_NONE) == NULL)
    return _limn_pickle_fail (pickle, LIMN_ENGINE_ERROR_UNSUPPORTED,
                              "a checkpoint of torch 0.3 or older is not supported");
  if (!storage_dtype (type, &dtype))
    return _limn_pickle_fail (pickle, LIMN_ENGINE_ERROR_UNSUPPORTED,
                              "the checkpoint has a storage of a type that is not supported");
  storage = _limn_pickle_new_value (pickle, LIMN_PICKLE_STORAGE);
  if (storage != NULL)
    {
      storage->storage.dtype = dtype;
      storage->storage.key = key;
      storage->storage.n_elements = n_elements->integer;
    }
  return storage;
}
