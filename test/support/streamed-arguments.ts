/** The arguments of calls that Gemini streamed in pieces, as a reader puts them together: its SDK does not. */
export const STREAMED_ARGUMENTS: Readonly<Record<string, readonly object[]>> = {
  'gemini/google-stream-no-args-tool-call.chunks.txt': [{}, { id: 'A' }, { id: 'B' }, { id: 'C' }],
  'gemini/google-stream-tool-call-arguments.chunks.txt': [{ location: 'Boston' }, { location: 'San Francisco' }],
  'gemini/google-stream-tool-call-array-arguments-missing-terminal-function-call.chunks.txt': [
    {
      operations: [
        { action: 'add', description: 'Fresh red apple', itemid: 'apple_001', price: 0.5 },
        { action: 'add', description: 'Ripe yellow banana', itemid: 'banana_001', price: 0.3 },
      ],
    },
  ],
  'gemini/google-vertex-stream-tool-call-arguments-nested.1.chunks.txt': [
    {
      recipe: {
        ingredients: [
          { amount: '16 oz', name: 'Lasagna noodles' },
          { amount: '1 lb', name: 'Ground beef' },
          { amount: '15 oz', name: 'Ricotta cheese' },
          { amount: '3 cups', name: 'Mozzarella cheese' },
          { amount: '1/2 cup', name: 'Parmesan cheese' },
          { amount: '24 oz', name: 'Tomato sauce' },
          { amount: '1', name: 'Egg' },
          { amount: '2 cloves', name: 'Garlic' },
          { amount: '1 tsp', name: 'Salt' },
          { amount: '1/2 tsp', name: 'Pepper' },
        ],
        name: 'Lasagna',
        steps: [
          'Preheat oven to 375°F (190°C).',
          'Cook lasagna noodles according to package directions, drain and set aside.',
          'Brown ground beef with minced garlic in a skillet. Drain fat and stir in tomato sauce. Simmer for 10 minutes.',
          'In a bowl, mix ricotta cheese, egg, salt, pepper, and Parmesan cheese.',
          'In a 9x13 baking dish, spread a thin layer of meat sauce.',
          'Layer noodles, ricotta mixture, mozzarella, and meat sauce. Repeat.',
          'Top with remaining mozzarella cheese.',
          'Cover with foil and bake for 25 minutes.',
          'Remove foil and bake for another 25 minutes until golden.',
          'Let stand for 15 minutes before serving.',
        ],
      },
    },
  ],
};
