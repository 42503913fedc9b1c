"""The made-up bureau behind the sample data: one module a form, or two forms of one department."""
