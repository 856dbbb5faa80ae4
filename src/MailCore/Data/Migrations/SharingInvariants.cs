using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>The doctor's look at rights and readers' \Seen.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124160200_SharingInvariants")]
internal sealed class SharingInvariants : SqlMigration;
