module.exports = {
  plugins: {
    'postcss-preset-mantine': {},
    'postcss-simple-vars': {
      variables: { 'mantine-breakpoint-xs': '36em', 'mantine-breakpoint-sm': '48em' },
    },
  },
};
