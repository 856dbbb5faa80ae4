namespace Webmail.Web.Localization;

/// <summary>
/// Every word that the pages show. The key is the English phrase; Words.resx (English) and Words.zh-Hans.resx stand beside this file, and a test
/// holds both to the keys that the pages use.
/// </summary>
internal sealed class Words;
