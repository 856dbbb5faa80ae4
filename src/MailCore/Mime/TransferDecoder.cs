using MimeKit.Encodings;

namespace Webmail.MailCore.Mime;

/// <summary>Undoes a Content-Transfer-Encoding piece by piece; bad base64 and the like decode to what can be had of them.</summary>
internal sealed class TransferDecoder(string encoding)
{
    private readonly IMimeDecoder? _decoder = encoding.ToLowerInvariant() switch
    {
        "base64" => new Base64Decoder(),
        "quoted-printable" => new QuotedPrintableDecoder(),
        "x-uuencode" or "uuencode" or "x-uue" => new UUDecoder(),
        _ => null,
    };

    private readonly LineEndTrimmer? _trimmer = string.Equals(encoding, "quoted-printable", StringComparison.OrdinalIgnoreCase) ? new() : null;

    /// <summary>True for the encodings that BINARY can decode (RFC 3516 section 4.3) and for the ones that need no decoding.</summary>
    public static bool IsKnown(string encoding) => encoding.ToLowerInvariant() is "7bit" or "8bit" or "binary" or "base64" or "quoted-printable";

    public bool IsIdentity => _decoder is null;

    /// <summary>The decoded octets; they may be fewer or (after what was held back) more than those given.</summary>
    public ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> piece)
    {
        if (_decoder is null)
            return piece;
        var input = _trimmer is null ? piece.ToArray() : _trimmer.Trim(piece);
        var output = new byte[_decoder.EstimateOutputLength(input.Length)];
        var n = _decoder.Decode(input, 0, input.Length, output);
        return output.AsSpan(0, n);
    }
}
