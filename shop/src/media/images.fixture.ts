import sharp, { type Sharp } from 'sharp'

/** Photographs are not flat: a picture with gradients and an edge, so that encoders have work. */
export function picture(width: number, height: number): Sharp {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="g"><stop offset="0" stop-color="#135"/><stop offset="1" stop-color="#fc9"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#g)"/>
    <circle cx="30%" cy="40%" r="20%" fill="#c03"/></svg>`
  return sharp(Buffer.from(svg))
}

/** What a telephone writes: turned on its side, with the place where it was taken. */
export function telephoneJpeg(): Promise<Buffer> {
  return picture(1_600, 1_000)
    .jpeg({ quality: 85 })
    .withExif({
      IFD0: { Orientation: '6', Copyright: 'someone' },
      IFD3: { GPSLatitude: '52/1 31/1 12/1' },
    })
    .withMetadata({ orientation: 6 })
    .toBuffer()
}

/** One image of each format that is taken. */
export async function acceptedImages(): Promise<Readonly<Record<string, Buffer>>> {
  return {
    jpeg: await telephoneJpeg(),
    png: await sharp({ create: { width: 300, height: 200, channels: 4, background: '#0a08' } })
      .png()
      .toBuffer(),
    webp: await picture(2_000, 500).webp().toBuffer(),
    avif: await picture(640, 480).avif({ effort: 0 }).toBuffer(),
  }
}

/** Small files that would become 50 million pixels. */
export function bombs(): Promise<readonly Buffer[]> {
  const flat = sharp({ create: { width: 10_000, height: 5_000, channels: 3, background: '#333' } })
  return Promise.all([
    flat.clone().png({ compressionLevel: 1 }).toBuffer(),
    flat.clone().jpeg({ quality: 20 }).toBuffer(),
  ])
}
