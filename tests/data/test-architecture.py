#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
"""The check of the architecture is itself a program that can be wrong: it has to find faults and leave the innocent alone."""

import os
import sys
import tempfile
import unittest

import architecture
import tap

HEADER = '/* ' + architecture.LICENCE + ' */\n'


def include(text):
    return HEADER + f'#include {text}\n'


class Includes(unittest.TestCase):
    def faults(self, path, text):
        return list(architecture.check_includes(path, text))

    def test_follows_arrows(self):
        for path, header in [('ui/limn-window.c', '"app/limn-document.h"'), ('app/limn-job.c', '"engine/task/inpaint.h"'),
                             ('engine/model/model.c', '"engine/nn/unet.h"'), ('engine/nn/unet.c', '"engine/tensor/run.h"'),
                             ('app/limn-image-file.c', '<gdk-pixbuf/gdk-pixbuf.h>'), ('app/main/main.c', '"ui/limn-application.h"'),
                             ('ui/limn-canvas.c', '<gtk/gtk.h>'), ('engine/text/clip.c', '"config.h"'),
                             ('tests/ui/test-window.c', '"engine/nn/unet.h"')]:
            self.assertEqual(self.faults(path, include(header)), [], path)

    def test_against_arrows(self):
        for path, header in [('engine/tensor/pool.c', '"engine/weights/weights.h"'), ('engine/nn/unet.c', '"engine/model/model.h"'),
                             ('engine/nn/unet.c', '"engine/diffusion/sampler.h"'), ('engine/task/inpaint.c', '"app/limn-tiles.h"'),
                             ('app/limn-job.c', '"ui/limn-window.h"'), ('app/limn-job.c', '"engine/nn/unet.h"'),
                             ('ui/limn-window.c', '"engine/tensor/kernels.h"'), ('ui/limn-window.c', '"tests/tools/x.h"')]:
            self.assertEqual(len(self.faults(path, include(header))), 1, path)

    def test_strangers(self):
        for path, header in [('engine/task/image.c', '<gdk-pixbuf/gdk-pixbuf.h>'), ('engine/model/model.h', '<gtk/gtk.h>'),
                             ('engine/task/image.c', '<sqlite3.h>'), ('app/limn-job.c', '<gtk/gtk.h>'), ('app/cli.c', '<adwaita.h>'),
                             ('ui/limn-history-view.c', '<sqlite3.h>')]:
            self.assertEqual(len(self.faults(path, include(header))), 1, path)

    def test_names_the_line(self):
        self.assertIn('engine/nn/unet.c:3:', self.faults('engine/nn/unet.c', HEADER + '\n# include "app/x.h"\n')[0])


class Words(unittest.TestCase):
    def test_licence(self):
        self.assertEqual(list(architecture.check_licence('a.c', HEADER)), [])
        self.assertEqual(len(list(architecture.check_licence('a.c', '/* mine */'))), 1)
        self.assertEqual(list(architecture.check_licence('a.svg', '')), [])

    def test_unfinished(self):
        self.assertEqual(len(list(architecture.check_unfinished('a.c', '/* TO' + 'DO: later */'))), 1)
        self.assertEqual(list(architecture.check_unfinished('a.c', 'placeholder_text = METHODO;')), [])

    def test_stands_alone(self):
        for text in ['open ("/ho' + 'me/anna/x.png")', "cp ../sha" + 'red/x .', '=/ro' + 'ot/x']:
            self.assertEqual(len(list(architecture.check_alone('a.c', text))), 1, text)
        for text in ['/usr/share/backgrounds', '$prefix/ho' + 'me/', 'engine/wo' + 'rk/x', '~/ro' + 'ot/x']:
            self.assertEqual(list(architecture.check_alone('a.c', text)), [], text)

    def test_length(self):
        self.assertEqual(list(architecture.check_length('a.c', '\n' * architecture.LONGEST_FILE)), [])
        self.assertEqual(len(list(architecture.check_length('a.c', '\n' * (architecture.LONGEST_FILE + 1)))), 1)


class Tree(unittest.TestCase):
    def test_walk(self):
        with tempfile.TemporaryDirectory() as root:
            for path in ['engine/a.c', 'build-x/engine/a.c', 'build/a.c', '.git/a.c', '.ci/run']:
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), 'w', encoding='utf-8') as file:
                    file.write('int x;\n')
            self.assertEqual(sorted(architecture.sources(root)), ['.ci/run', 'engine/a.c'])
            faults = dict(zip((name for name, _ in architecture.CHECKS), architecture.find_faults(root)))
            self.assertEqual(len(faults['sources name their licence']), 1)
            self.assertEqual(faults['includes follow the arrows'], [])


if __name__ == '__main__':
    sys.exit(tap.main(sys.modules[__name__]))
